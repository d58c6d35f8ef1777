/* What the attempts on hosts share. */
#include "attack.h"

#define ALLOWED "10.9.0.2"
#define EVIL "10.9.0.3"
#define SERVER "10.9.0.53"
#define HIGH (1L << 32)

struct sockaddr_in at(const char *text, int number);
struct sockaddr_in6 at6(const char *text, int number);

/* Works if it connects there. */
void reaches(const char *text, int number);

/* Whether to wait until it works (DIR/patient), or only for as long as is usual. */
int patient(void);

/* Works if something comes back. */
void answered(int fd);

/* Whether to go on with a race: until it was run often enough. COUNT is how often the other side had its turn. */
int goes_on(int tries, int count);

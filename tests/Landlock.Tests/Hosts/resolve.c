/*
 * Fetches http://NAME/who with the C library's resolver, then asks SERVER for the name as resolvers do that compare the sender: sendto(2), and
 * recvfrom(2) or recvmsg(2), which wait in poll(2) or in the call itself. Arguments: NAME SERVER.
 */
#include <arpa/inet.h>
#include <netdb.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

static void ask(const char *name, const char *server, int message, int wait)
{
	struct sockaddr_in to = { .sin_family = AF_INET, .sin_port = htons(53) }, from = { 0 }, any = { .sin_family = AF_INET };
	unsigned char question[300] = { 0x12, 0x30 + message * 2 + wait, 1, 0, 0, 1 }, answer[1500];
	int size = 12, count;
	socklen_t length = sizeof from;
	inet_pton(AF_INET, server, &to.sin_addr);
	while (*name != 0) {
		int label = strcspn(name, ".");
		question[size++] = label;
		memcpy(question + size, name, label);
		size += label;
		name += label + (name[label] == '.');
	}
	question[size + 2] = question[size + 4] = 1;
	size += 5;

	int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	struct timeval time = { 20, 0 };
	setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &time, sizeof time);
	bind(fd, (void *)&any, sizeof any);
	sendto(fd, question, size, 0, (void *)&to, sizeof to);
	if (wait) poll(&(struct pollfd){ fd, POLLIN, 0 }, 1, 20000);
	if (message) {
		struct iovec part = { answer, sizeof answer };
		struct msghdr head = { .msg_name = &from, .msg_namelen = sizeof from, .msg_iov = &part, .msg_iovlen = 1 };
		count = recvmsg(fd, &head, 0);
		length = head.msg_namelen;
	} else count = recvfrom(fd, answer, sizeof answer, 0, (void *)&from, &length);
	printf("%s, %s: %s\n", message ? "recvmsg" : "recvfrom", wait ? "poll" : "blocking",
		count > size && length == sizeof to && memcmp(&from, &to, 8) == 0 ? "from the server" : "not from the server");
	close(fd);
}

int main(int count, char **arguments)
{
	struct addrinfo hints = { .ai_socktype = SOCK_STREAM }, *found;
	char text[600] = { 0 };
	int length = 0, part, error = getaddrinfo(arguments[1], "80", &hints, &found);
	if (error != 0) { printf("getaddrinfo: %s\n", gai_strerror(error)); return 1; }
	int fd = socket(found->ai_family, SOCK_STREAM, 0);
	if (connect(fd, found->ai_addr, found->ai_addrlen) < 0) { perror("connect"); return 1; }
	dprintf(fd, "GET /who HTTP/1.0\r\n\r\n");
	while (length < 599 && (part = read(fd, text + length, 599 - length)) > 0) length += part;
	char *body = strstr(text, "\r\n\r\n");
	fputs(body == NULL ? text : body + 4, stdout);
	for (int i = 0; i < 4; i++) ask(arguments[1], arguments[2], i >> 1, i & 1);
	return count < 3;
}

#include "http_other.h"

#include <arpa/inet.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

static int
bound_socket(uint16_t *port)
{
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	struct sockaddr_in at = { .sin_family = AF_INET,
		.sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	socklen_t n = sizeof at;

	if (fd < 0 || bind(fd, (struct sockaddr *)&at, n) != 0 ||
	    getsockname(fd, (struct sockaddr *)&at, &n) != 0)
		abort();
	*port = ntohs(at.sin_port);
	return fd;
}

static void
write_all(int fd, const char *p, size_t n)
{
	while (n > 0) {
		ssize_t w = send(fd, p, n, MSG_NOSIGNAL);

		if (w <= 0)
			return;
		p += w;
		n -= (size_t)w;
	}
}

static void
serve(int listening, const struct http_other_play *play)
{
	int fd = accept(listening, NULL, NULL);
	char head[8192] = "", filler[1024];
	size_t used = 0;

	while (strstr(head, "\r\n\r\n") == NULL) {
		ssize_t got = recv(fd, head + used, sizeof head - 1 - used, 0);

		if (got <= 0)
			return;
		used += (size_t)got;
	}
	if (play->wants != NULL && strstr(head, play->wants) == NULL)
		return;
	if (play->answer != NULL)
		write_all(fd, play->answer, strlen(play->answer));
	memset(filler, 'x', sizeof filler);
	for (size_t left = play->filler; left > 0;) {
		size_t n = left < sizeof filler ? left : sizeof filler;

		write_all(fd, filler, n);
		left -= n;
	}
	while (play->stays && recv(fd, head, sizeof head, 0) > 0)
		continue;
	close(fd);
}

struct http_other
http_other_start(const struct http_other_play *play)
{
	struct http_other o;

	o.fd = bound_socket(&o.port);
	if (listen(o.fd, 8) != 0)
		abort();
	o.pid = fork();
	if (o.pid < 0)
		abort();
	if (o.pid == 0) {
		alarm(20);
		serve(o.fd, play);
		_exit(0);
	}
	return o;
}

uint16_t
http_other_nobody(void)
{
	uint16_t port;

	close(bound_socket(&port));
	return port;
}

void
http_other_stop(struct http_other *o)
{
	close(o->fd);
	kill(o->pid, SIGKILL);
	waitpid(o->pid, NULL, 0);
}

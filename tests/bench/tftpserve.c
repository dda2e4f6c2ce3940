/*
 * tftpserve: the TFTP engine alone, answered at once from memory, to be measured without the rest
 * of the daemon. COUNT files SEP<mac>.cnf.xml.sgn of SIZE bytes, and "<n>.bin" with n bytes.
 */
#include "base/mem.h"
#include "base/text.h"
#include "net/tftpd.h"
#include "wire/ask.h"

#include <arpa/inet.h>
#include <event2/event.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>

#define FIRST_MAC 0x001122000000ull
#define LARGE_MAX (512ull * 1024 * 1024)

struct serve {
	struct tftpd *engine;
	struct body **files;
	size_t count;
	struct body *large; /* the "<n>.bin" that was asked for last */
	char large_name[32];
};

static struct body *
pattern(size_t n, uint64_t seed)
{
	struct bytes b = { mem_new(n + 1, 1), n };
	struct body *body;

	for (size_t i = 0; i < n; i++)
		b.p[i] = (uint8_t)(i * 31 + i / 251 + seed * 7);
	body = body_copy(bytes_span(&b));
	bytes_free(&b);
	return body;
}

static struct body *
large_find(struct serve *s, const char *name)
{
	uint64_t n = strtoull(name, NULL, 10);

	if (n > LARGE_MAX)
		return NULL;
	if (s->large == NULL || strcmp(s->large_name, name) != 0) {
		body_unref(s->large);
		s->large = pattern((size_t)n, 0);
		snprintf(s->large_name, sizeof s->large_name, "%s", name);
	}
	return s->large;
}

static void
on_ask(void *arg, const struct ask *ask)
{
	struct serve *s = arg;
	struct body *body = NULL;
	char name[64] = "";

	if (ask->kind != ASK_FILE)
		return;
	if (ask->name.n < sizeof name)
		memcpy(name, ask->name.p, ask->name.n);
	if (strncmp(name, "SEP", 3) == 0) {
		uint64_t at = strtoull(name + 3, NULL, 16) - FIRST_MAC;

		body = at < s->count ? s->files[at] : NULL;
	} else if (strstr(name, ".bin") != NULL) {
		body = large_find(s, name);
	}
	tftpd_answer(s->engine, ask->id, body, 1, span_str("no such file"));
}

static int
listener(const char *port)
{
	struct sockaddr_in a = { .sin_family = AF_INET, .sin_port = htons((uint16_t)atoi(port)) };
	int fd = socket(AF_INET, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);

	a.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	if (fd < 0 || bind(fd, (struct sockaddr *)&a, sizeof a) != 0) {
		perror("tftpserve");
		exit(1);
	}
	return fd;
}

static void
on_end(evutil_socket_t signal, short what, void *base)
{
	(void)signal, (void)what;
	event_base_loopbreak(base);
}

static void
serve(struct serve *s, const char *port)
{
	struct event_base *base = event_base_new();
	const struct tftpd_config config = { .ask = on_ask, .arg = s };
	struct event *end = evsignal_new(base, SIGTERM, on_end, base);
	struct tftpd_stats stats;
	struct err e = { 0 };

	s->engine = tftpd_new(base, &config);
	if (!tftpd_listen(s->engine, listener(port), &e)) {
		fprintf(stderr, "tftpserve: %s\n", e.text);
		exit(1);
	}
	event_add(end, NULL);
	event_base_dispatch(base);
	stats = tftpd_stats(s->engine);
	printf("sent=%lu failed=%lu repeated=%lu over_limit=%lu dropped=%lu unknown_tid=%lu\n",
	    stats.sent, stats.failed, stats.repeated, stats.over_limit, stats.dropped,
	    stats.unknown_tid);
	tftpd_free(s->engine);
	event_free(end);
	event_base_free(base);
}

int
main(int argc, char **argv)
{
	struct serve s = { 0 };
	size_t size;

	if (argc != 4) {
		fprintf(stderr, "usage: tftpserve PORT COUNT SIZE\n");
		return 2;
	}
	s.count = strtoul(argv[2], NULL, 10);
	size = strtoul(argv[3], NULL, 10);
	s.files = mem_new(s.count + 1, sizeof(struct body *));
	for (size_t i = 0; i < s.count; i++)
		s.files[i] = pattern(size, i);
	serve(&s, argv[1]);
	for (size_t i = 0; i < s.count; i++)
		body_unref(s.files[i]);
	free(s.files);
	body_unref(s.large);
	return 0;
}

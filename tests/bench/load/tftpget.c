/* tftpget: fetches one large file over and over with blksize and windowsize (RFC 7440), compares
 * every byte with a file on disk, and tells how fast it was. No real client at hand is fast enough
 * to measure a server with: atftp takes one system call for each packet. Options: -p port -f name
 * -D file to compare with -b blksize -w windowsize -n how often -G (no receive offload) */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/udp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

#define BATCH 16
#define BIG 65536

static unsigned port = 69, blksize = 1428, window = 8, times = 5, offload = 1;
static const char *name = "firmware.bin";
static const uint8_t *want;
static size_t want_n;

struct transfer {
	int fd;
	struct sockaddr_in server;
	uint64_t got; /* blocks in order */
	uint64_t acked;
	unsigned tries;
	int locked, gap_told, over;
	uint64_t packets, repeats;
};

static double now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static void die(const char *why)
{
	fprintf(stderr, "tftpget: %s\n", why);
	exit(1);
}

static void request(struct transfer *t)
{
	char m[300] = {0, 1};
	int n = 2;

	n += snprintf(m + n, 200, "%s%coctet%cblksize%c%u%cwindowsize%c%u%ctsize%c0", name, 0, 0, 0,
		      blksize, 0, 0, window, 0, 0) + 1;
	if (sendto(t->fd, m, (size_t)n, 0, (struct sockaddr *)&t->server, sizeof t->server) != n)
		die("request not sent");
}

static void ack(struct transfer *t)
{
	uint8_t m[4] = {0, 4, (uint8_t)(t->got >> 8), (uint8_t)t->got};

	if (sendto(t->fd, m, 4, 0, (struct sockaddr *)&t->server, sizeof t->server) != 4)
		die("acknowledgement not sent");
	t->acked = t->got;
}

/* The options must be granted as asked. */
static void oack(struct transfer *t, const uint8_t *p, size_t n)
{
	char text[3][40];
	size_t at = 2;

	snprintf(text[0], 40, "blksize%c%u", 0, blksize);
	snprintf(text[1], 40, "windowsize%c%u", 0, window);
	snprintf(text[2], 40, "tsize%c%zu", 0, want_n);
	if (t->got > 0)
		return;
	for (int i = 0; i < 3; i++) {
		size_t k = strlen(text[i]) + 1;

		if (memmem(p + at, n - at, text[i], k + strlen(text[i] + k) + 1) == NULL)
			die("an option is not granted as asked");
	}
	ack(t);
}

static void data(struct transfer *t, const uint8_t *p, size_t n)
{
	uint16_t block = (uint16_t)((unsigned)p[2] << 8 | p[3]), ahead = (uint16_t)(block - t->got);
	size_t offset = (size_t)(t->got * blksize), left = want_n - offset;

	t->packets++;
	if (ahead != 1) {
		t->repeats++;
		if (ahead > 1 && ahead <= window && !t->gap_told)
			ack(t);
		t->gap_told = 1;
		return;
	}
	if (n != (left < blksize ? left : blksize) + 4)
		die("a block of the wrong length");
	if (memcmp(p + 4, want + offset, n - 4) != 0)
		die("a block with the wrong content");
	t->got++;
	t->gap_told = 0;
	t->over = n - 4 < blksize;
	if (t->over || t->got - t->acked == window)
		ack(t);
}

static void packet(struct transfer *t, const uint8_t *p, size_t n)
{
	t->tries = 0;
	if (n < 4 || t->over)
		return;
	if (p[1] == 6)
		oack(t, p, n);
	else if (p[1] == 3)
		data(t, p, n);
	else
		die(p[1] == 5 ? (const char *)p + 4 : "an unknown packet");
}

/* Takes what waits; datagrams that the kernel put together are taken apart again. */
static int take(struct transfer *t)
{
	static uint8_t memory[BATCH][BIG];
	static char control[BATCH][CMSG_SPACE(sizeof(int))];
	struct sockaddr_in from[BATCH];
	struct iovec part[BATCH];
	struct mmsghdr m[BATCH];
	int n;

	for (int i = 0; i < BATCH; i++) {
		part[i] = (struct iovec){memory[i], BIG};
		m[i].msg_hdr = (struct msghdr){.msg_name = &from[i], .msg_namelen = sizeof from[i],
					       .msg_iov = &part[i], .msg_iovlen = 1,
					       .msg_control = control[i],
					       .msg_controllen = sizeof control[i]};
	}
	n = recvmmsg(t->fd, m, BATCH, MSG_WAITFORONE, NULL);
	for (int i = 0; i < n; i++) {
		struct cmsghdr *c = CMSG_FIRSTHDR(&m[i].msg_hdr);
		size_t size = m[i].msg_len, step = size, at;
		int segment;

		if (c != NULL && c->cmsg_level == SOL_UDP && c->cmsg_type == UDP_GRO) {
			memcpy(&segment, CMSG_DATA(c), sizeof segment);
			step = (size_t)segment;
		}
		if (!t->locked)
			t->server = from[i];
		t->locked = 1;
		if (from[i].sin_port != t->server.sin_port)
			continue;
		for (at = 0; at < size; at += step)
			packet(t, memory[i] + at, size - at < step ? size - at : step);
	}
	return n;
}

static double fetch(struct transfer *t)
{
	const struct timeval wait = {.tv_sec = 1};
	int on = (int)offload, big = 8 << 20;
	double begin = now();

	*t = (struct transfer){.server = {.sin_family = AF_INET, .sin_port = htons((uint16_t)port)}};
	t->server.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	t->fd = socket(AF_INET, SOCK_DGRAM, 0);
	setsockopt(t->fd, SOL_UDP, UDP_GRO, &on, sizeof on);
	setsockopt(t->fd, SOL_SOCKET, SO_RCVBUFFORCE, &big, sizeof big);
	setsockopt(t->fd, SOL_SOCKET, SO_RCVTIMEO, &wait, sizeof wait);
	request(t);
	while (!t->over) {
		if (take(t) > 0)
			continue;
		if (++t->tries > 5)
			die("the server is gone");
		if (t->locked)
			ack(t);
		else
			request(t);
	}
	close(t->fd);
	return now() - begin;
}

static int ascending(const void *a, const void *b)
{
	const double *x = a, *y = b;

	return *x < *y ? -1 : *x > *y;
}

int main(int argc, char **argv)
{
	uint64_t packets = 0, repeats = 0;
	struct transfer t;
	struct stat st;
	double *took;
	int o, fd = -1;

	while ((o = getopt(argc, argv, "p:f:D:b:w:n:G")) != -1)
		switch (o) {
		case 'p': port = (unsigned)atoi(optarg); break;
		case 'f': name = optarg; break;
		case 'D': fd = open(optarg, O_RDONLY); break;
		case 'b': blksize = (unsigned)atoi(optarg); break;
		case 'w': window = (unsigned)atoi(optarg); break;
		case 'n': times = (unsigned)atoi(optarg); break;
		case 'G': offload = 0; break;
		default: die("see the head of tftpget.c for the options");
		}
	if (fd < 0 || fstat(fd, &st) != 0 || times == 0)
		die("-D FILE: the file to compare with");
	want_n = (size_t)st.st_size;
	want = mmap(NULL, want_n, PROT_READ, MAP_SHARED | MAP_POPULATE, fd, 0);
	took = calloc(times, sizeof *took);
	for (unsigned i = 0; i < times; i++) {
		took[i] = fetch(&t);
		packets += t.packets;
		repeats += t.repeats;
	}
	qsort(took, times, sizeof *took, ascending);
	printf("bytes/s=%.0f seconds=%.4f best=%.4f worst=%.4f packets=%lu repeats=%lu errors=0\n",
	       (double)want_n / took[times / 2], took[times / 2], took[0], took[times - 1], packets,
	       repeats);
	return 0;
}

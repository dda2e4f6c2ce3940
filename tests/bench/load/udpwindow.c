/* udpwindow: what the machine allows a TFTP transfer with a window: a bare UDP server that sends 8 blocks of 1428 bytes in one
 * call (UDP_SEGMENT) for each small datagram, and its client, which takes them put together again (UDP_GRO). Nothing is read
 * from anywhere and nothing is compared. Options: -s (server) -p port -t seconds */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/udp.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#define BLOCK 1428
#define HEADER 4
#define WINDOW 8

static struct sockaddr_in address = {.sin_family = AF_INET};
static char memory[65536];

static double now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static int serve(int fd)
{
	const int segment = BLOCK + HEADER;
	struct sockaddr_in from;
	socklen_t n = sizeof from;

	if (bind(fd, (struct sockaddr *)&address, sizeof address) != 0 ||
	    setsockopt(fd, SOL_UDP, UDP_SEGMENT, &segment, sizeof segment) != 0)
		return 1;
	while (recvfrom(fd, memory, sizeof memory, 0, (struct sockaddr *)&from, &n) > 0)
		if (sendto(fd, memory, WINDOW * segment, 0, (struct sockaddr *)&from, n) < 0)
			return 1;
	return 1;
}

static int ask(int fd, double seconds)
{
	const struct timeval patience = {.tv_sec = 1};
	const int on = 1;
	double begin = now(), took;
	long windows = 0;

	setsockopt(fd, SOL_UDP, UDP_GRO, &on, sizeof on);
	setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
	if (connect(fd, (struct sockaddr *)&address, sizeof address) != 0)
		return 1;
	while ((took = now() - begin) < seconds) {
		if (send(fd, memory, HEADER, 0) < 0)
			return 1;
		for (ssize_t left = WINDOW * (BLOCK + HEADER), n; left > 0; left -= n)
			if ((n = recv(fd, memory, sizeof memory, 0)) <= 0)
				return 1;
		windows++;
	}
	printf("bytes/s=%.0f\n", (double)(windows * WINDOW * BLOCK) / took);
	return 0;
}

int main(int argc, char **argv)
{
	int fd = socket(AF_INET, SOCK_DGRAM, 0), o, server = 0;
	double seconds = 3;

	address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	while ((o = getopt(argc, argv, "sp:t:")) != -1)
		switch (o) {
		case 's': server = 1; break;
		case 'p': address.sin_port = htons((uint16_t)atoi(optarg)); break;
		case 't': seconds = atof(optarg); break;
		default: return 2;
		}
	return server ? serve(fd) : ask(fd, seconds);
}

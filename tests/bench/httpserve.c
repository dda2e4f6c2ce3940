/*
 * httpserve: net/http_server alone, answering from memory, to be profiled and compared with other
 * servers: what HTTP costs us without the rest of a front.
 *
 * usage: httpserve PORT [SIZE [PEM]]: 10,000 files SEP001122000000.cnf.xml.sgn and on; over TLS
 * with the certificate and key of a PEM file.
 */
#include "base/mem.h"
#include "net/http_server.h"
#include "net/tlspump.h"

#include <arpa/inet.h>
#include <event2/event.h>
#include <netinet/in.h>
#include <openssl/pem.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <uthash.h>

#define FILES     10000
#define FIRST     0x001122000000
#define NAME_SIZE 32
#define SIZE      6400
#define TIME      784111777

struct file {
	UT_hash_handle hh;
	char name[NAME_SIZE];
	struct body *body;
};

static void
on_request(void *arg, struct http_request *r)
{
	struct file **files = arg, *f = NULL;
	const char *path = http_request_path(r);

	if (path != NULL)
		HASH_FIND_STR(*files, path + 1, f);
	if (f == NULL)
		http_reply(r, 404, "text/plain", span_str("Not Found\n"));
	else
		http_reply_file(r, &(struct http_file){ .body = f->body,
				       .content_type = "application/octet-stream",
				       .etag = span_str("0123456789abcdef0123456789abcdef"),
				       .modified = TIME });
}

static struct file *
make_files(size_t size)
{
	struct file *all = NULL;
	uint8_t *content = mem_new(size + 1, 1);

	for (unsigned i = 0; i < FILES; i++) {
		struct file *f = mem_new(1, sizeof *f);

		snprintf(
		    f->name, sizeof f->name, "SEP%012lX.cnf.xml.sgn", (unsigned long)FIRST + i);
		memset(content, (int)('a' + i % 26), size);
		f->body = body_copy(span_of(content, size));
		HASH_ADD_STR(all, name, f);
	}
	free(content);
	return all;
}

static int
listener(uint16_t port)
{
	const struct sockaddr_in at = { .sin_family = AF_INET,
		.sin_port = htons(port),
		.sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	const int on = 1;
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);

	setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
	if (bind(fd, (const struct sockaddr *)&at, sizeof at) != 0 || listen(fd, 4096) != 0) {
		perror("httpserve");
		exit(1);
	}
	return fd;
}

/* Ends the program when the file does not hold what it should. */
static struct tlspump *
read_identity(const char *path)
{
	static uint8_t ticket_key[TLSPUMP_TICKET_KEY];
	FILE *f = fopen(path, "r");
	EVP_PKEY *key = f != NULL ? PEM_read_PrivateKey(f, NULL, NULL, NULL) : NULL;
	X509 *x = key != NULL ? (rewind(f), PEM_read_X509(f, NULL, NULL, NULL)) : NULL;
	PKCS8_PRIV_KEY_INFO *box = x != NULL ? EVP_PKEY2PKCS8(key) : NULL;
	unsigned char *der = NULL, *key_der = NULL;
	int n = x != NULL ? i2d_X509(x, &der) : 0;
	int key_n = box != NULL ? i2d_PKCS8_PRIV_KEY_INFO(box, &key_der) : 0;
	const struct span chain = span_of(der, (size_t)n);
	const struct tlspump_identity id = { .chain = &chain,
		.chain_count = 1,
		.key = span_of(key_der, (size_t)key_n),
		.ticket_key = span_of(ticket_key, sizeof ticket_key) };
	struct tlspump *t = NULL;
	struct err e = { 0 };

	if (n <= 0 || key_n <= 0 || !tlspump_server(&id, &t, &e)) {
		fprintf(stderr, "httpserve: %s: %s\n", path, e.text);
		exit(1);
	}
	return t;
}

int
main(int argc, char **argv)
{
	struct event_base *base = event_base_new();
	struct file *files = make_files(argc > 2 ? strtoul(argv[2], NULL, 10) : SIZE);
	const struct http_server_config config = { .timeout_s = 60,
		.request_s = 15,
		.connections_per_address = 5000,
		.files = true,
		.request = on_request,
		.arg = &files };
	struct http_server *s = http_server_new(base, &config);
	struct err e;

	signal(SIGPIPE, SIG_IGN);
	if (argc > 3)
		http_server_identity(s, read_identity(argv[3]));
	if (argc < 2 ||
	    !http_server_listen(s, listener((uint16_t)strtoul(argv[1], NULL, 10)), &e)) {
		fprintf(stderr, "usage: httpserve PORT [SIZE [PEM]]\n");
		return 2;
	}
	return event_base_dispatch(base);
}

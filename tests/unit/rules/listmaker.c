/*
 * listmaker: a trust list made to order, for system tests: a CTL as the CTL client writes it with
 * security tokens, or one of a release that this cluster does not make.
 *
 * usage: listmaker OUT NAME SIGNER.pem FUNCTION:CERT.pem...
 *
 * NAME: its own file name element. SIGNER.pem: certificate and key. FUNCTION: the number of a
 * record's function (doc/protocols/files.md 1.3).
 */
#include "lists.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define ENTRIES_MAX 16
#define FILE_MAX    65536

static void
fail(const char *what, const struct err *e)
{
	fprintf(stderr, "listmaker: %s: %s\n", what, e->text);
	exit(1);
}

static struct bytes
read_whole(const char *path)
{
	static uint8_t text[FILE_MAX];
	FILE *f = fopen(path, "rb");
	size_t n = f != NULL ? fread(text, 1, sizeof text, f) : 0;

	if (f != NULL)
		fclose(f);
	return bytes_copy((struct span){ text, n });
}

static struct identity
read_identity(const char *path, bool with_key)
{
	struct bytes pem = read_whole(path);
	struct identity id = { 0 };
	struct err e = { 0 };

	id.cert = cert_from_pem(bytes_span(&pem), &e);
	if (id.cert == NULL)
		fail(path, &e);
	if (with_key && (id.key = key_from_pem(bytes_span(&pem), &e)) == NULL)
		fail(path, &e);
	bytes_wipe(&pem);
	return id;
}

static void
write_whole(const char *path, struct span s)
{
	FILE *f = fopen(path, "wb");

	if (f == NULL || fwrite(s.p, 1, s.n, f) != s.n || fclose(f) != 0) {
		perror(path);
		exit(1);
	}
}

int
main(int argc, char **argv)
{
	struct identity signer, id[ENTRIES_MAX];
	struct list_entry entry[ENTRIES_MAX];
	size_t n = 0;
	struct bytes list;
	char *path;

	if (argc < 5 || argc - 4 > ENTRIES_MAX) {
		fprintf(stderr, "usage: listmaker OUT NAME SIGNER.pem FUNCTION:CERT.pem...\n");
		return 2;
	}
	signer = read_identity(argv[3], true);
	for (; n < (size_t)argc - 4; n++) {
		unsigned long function = strtoul(argv[4 + n], &path, 10);

		id[n] = read_identity(*path == ':' ? path + 1 : path, false);
		entry[n] = (struct list_entry){ (uint16_t)function, &id[n], false, false };
	}
	list = list_make(argv[2], &signer, entry, n);
	write_whole(argv[1], bytes_span(&list));
	bytes_free(&list);
	for (size_t i = 0; i < n; i++)
		identity_free(&id[i]);
	identity_free(&signer);
	return 0;
}

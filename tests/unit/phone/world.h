/*
 * world: what is behind a phone's phone_io in tests: files, TVS servers, a CAPF server, a clock.
 */
#ifndef TESTS_PHONE_WORLD_H
#define TESTS_PHONE_WORLD_H

#include "lists.h"
#include "phone/phone_io.h"

#define WORLD_FILES   16
#define WORLD_SERVERS 8
#define WORLD_NOW     1750000000

/* A TLS server, found by its host name. */
struct world_server {
	const char *host;
	const struct identity *id; /* NULL: nobody is there */
	/* TVS: what it says. */
	bool valid;
	uint8_t roles[4];
	size_t role_count;
	uint32_t ttl;
	const struct cert *found; /* QUERY */
	/* CAPF. */
	bool capf;
	const char *password;       /* NULL: any */
	const char *issued_for;     /* the name in the certificate */
	const struct identity *key; /* issues in place of id; NULL: id */
	uint8_t end;                /* reason instead of an operation; 0xff: install */
	void (*issued)(void *arg, const struct cert *c); /* told of what was issued; may be NULL */
	void *issued_arg;
	unsigned calls;
};

struct world {
	struct {
		char name[64];
		struct bytes body;
	} files[WORLD_FILES];
	size_t file_count;
	bool silent;                  /* nobody answers */
	bool http;                    /* the HTTP port is open */
	const struct identity *https; /* who answers on the HTTPS port; NULL: it is closed */
	char asked[1024]; /* every file name in turn, each with a blank behind it, and in front
			     "http:", "https:" */
	struct world_server servers[WORLD_SERVERS];
	size_t server_count;
	uint16_t last_port;
	time_t now;
	unsigned waited; /* seconds in all */
};

/* Takes body over; replaces a file of that name. */
void world_file(struct world *w, const char *name, struct bytes body);
void world_file_remove(struct world *w, const char *name);
struct world_server *world_server(struct world *w, const char *host, const struct identity *id);
struct phone_io world_io(struct world *w);
void world_free(struct world *w);

#endif

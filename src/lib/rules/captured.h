/*
 * captured: what a packet capture says of phones: files asked for, TVS, CAPF and secure signalling
 * with the certificates and alerts to be seen, names that did not resolve.
 *
 * Fed packet by packet. Who asks one of the services is taken for a phone. Memory is bounded: so
 * many phones, so many facts of each, so many connections at a time; what does not fit is counted.
 * Facts: doc/protocols/capture.md.
 */
#ifndef RULES_CAPTURED_H
#define RULES_CAPTURED_H

#include "rules/trust_eval.h"
#include "wire/packet.h"
#include "wire/tlsseen.h"

#define CAPTURED_PHONES_MAX  256
#define CAPTURED_FILES_MAX   64 /* of each phone */
#define CAPTURED_SERVERS_MAX 16
#define CAPTURED_NAMES_MAX   32
#define CAPTURED_ALERTS_MAX  8   /* of each server */
#define CAPTURED_STREAMS_MAX 256 /* connections followed at a time, up to 300 KB each */

#define CAPTURED_NAME_MAX 256
#define CAPTURED_TEXT_MAX 100

enum captured_answer {
	CAPTURED_SILENCE, /* none */
	CAPTURED_GIVEN,   /* the file, or a part of it */
	CAPTURED_REFUSED, /* an error */
	CAPTURED_ANSWERS
};

/* "none", "given", "refused". */
const char *captured_answer_name(enum captured_answer a);

/* A file that was asked for, from one server in one way. */
struct captured_file {
	char name[CAPTURED_NAME_MAX]; /* printable */
	bool http;                    /* port 6970; else TFTP */
	struct packet_address server;
	unsigned asked;               /* requests, repeated ones too */
	enum captured_answer answer;  /* to the last of them */
	uint16_t code;                /* REFUSED: TFTP's error code or HTTP's status */
	char text[CAPTURED_TEXT_MAX]; /* the server's words, printable */
	size_t packet;                /* number of the first request */
	size_t last;                  /* and of the last */
	uint16_t port;                /* the phone's, of the last request */
};

enum captured_service {
	CAPTURED_HTTP,  /* 6970 */
	CAPTURED_HTTPS, /* 6971: names are not to be seen */
	CAPTURED_TVS,   /* 2445 */
	CAPTURED_CAPF,  /* 3804 */
	CAPTURED_SCCP,  /* 2443, SCCP over TLS */
	CAPTURED_SIP,   /* 5061, SIP over TLS */
	CAPTURED_SERVICES
};

/* "files over HTTP", "files over HTTPS", "TVS", "CAPF", "SCCP over TLS", "SIP over TLS"; and its
 * port. */
const char *captured_service_name(enum captured_service s);
uint16_t captured_service_port(enum captured_service s);

/* Why there is a certificate, or none. Of a later connection, when there were several. */
enum captured_sight {
	CAPTURED_NOT_SHOWN,  /* none was sent, or the handshake did not come so far */
	CAPTURED_SHOWN,      /* the certificate is there */
	CAPTURED_EMPTY,      /* the phone was asked for one and has none */
	CAPTURED_HIDDEN,     /* TLS 1.3 encrypts it */
	CAPTURED_RESUMED,    /* a session was resumed, which needs none */
	CAPTURED_LOST,       /* the capture lacks a part of the handshake */
	CAPTURED_UNREADABLE, /* no TLS, or no certificate */
	CAPTURED_SIGHTS
};

/* "shown", "hidden by TLS 1.3" ... */
const char *captured_sight_text(enum captured_sight s);

struct captured_side {
	enum captured_sight sight;
	struct cert *cert; /* SHOWN: owned by the whole */
	bool changed;      /* another one was shown before */
};

struct captured_alert {
	bool by_phone;
	struct tlsseen_alert alert;
	unsigned count;
};

/* A phone's connections to one service of one server. */
struct captured_server {
	enum captured_service service;
	struct packet_address address;
	unsigned tries, established, refused; /* the rest of the tries was not answered */
	bool both_ways;                       /* payload went from both sides */
	uint16_t version;                     /* of TLS, tlsseen_version_name; 0: none seen */
	struct captured_side server, phone;
	/* Of a TVS or CAPF server's certificate, by captured_setup.held. */
	bool judged, matches;
	char reason[ERR_TEXT_MAX];
	struct captured_alert alert[CAPTURED_ALERTS_MAX];
	size_t alerts;
	size_t packet; /* number of the first one */
};

enum captured_resolution {
	CAPTURED_UNANSWERED,
	CAPTURED_NO_NAME,   /* NXDOMAIN */
	CAPTURED_NO_RECORD, /* there is the name, and nothing of this type */
	CAPTURED_FAILED,    /* another error of the server: rcode */
	CAPTURED_RESOLVED,
	CAPTURED_RESOLUTIONS
};

/* "not answered", "no such name" ... */
const char *captured_resolution_text(enum captured_resolution r);

/* A name that was asked for. */
struct captured_name {
	char name[CAPTURED_NAME_MAX]; /* printable */
	uint16_t type;                /* RFC 1035 3.2.2, 28: AAAA, 33: SRV */
	unsigned asked;
	enum captured_resolution resolution; /* the last */
	uint8_t rcode;                       /* FAILED */
	uint16_t id;                         /* of the last question */
	size_t packet;
};

struct captured_phone {
	struct packet_address address;
	struct captured_file file[CAPTURED_FILES_MAX];
	size_t files;
	struct captured_server server[CAPTURED_SERVERS_MAX];
	size_t servers;
	struct captured_name name[CAPTURED_NAMES_MAX];
	size_t names;
	size_t left_out; /* facts that did not fit */
};

struct captured_setup {
	bool only;                           /* that one phone */
	struct packet_address phone;         /* with only */
	const struct trust_eval_state *held; /* lists to compare certificates with; NULL: none. A
					      * loan until captured_free */
};

struct captured;

/* Freed with captured_free. */
struct captured *captured_new(const struct captured_setup *setup);
void captured_free(struct captured *c);

/* The next packet; number: its place in the capture, from 1. */
void captured_packet(struct captured *c, const struct packet *p, size_t number);

/* There are no more: what is only known then is settled. */
void captured_end(struct captured *c);

/* The phones in the order of their first packet: who did more than ask for names, unless only one
 * was wanted. Loans until captured_free. NULL: there is none at this index. */
const struct captured_phone *captured_phone(const struct captured *c, size_t index);

/* Packets of addresses that did not fit, and parts of IP packets, which are not put together. */
size_t captured_packets_left_out(const struct captured *c);
size_t captured_fragments(const struct captured *c);

/* Compares the certificate of a TVS or CAPF server with the records of a phone that holds these
 * lists: judged, matches, reason. Of another service, or without a certificate, nothing changes. */
void captured_judge(struct captured_server *s, const struct trust_eval_state *held);

/* The certificate's issuer is one of Cisco's for factory certificates (capture.md 3): a MIC. */
bool captured_is_mic(const struct cert *c);

#endif

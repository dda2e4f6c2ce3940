/*
 * capf_fake: a core and a phone for CAPF sessions, of a few bytes each. The members say what they
 * do; the certificate is never a real one, only whole DER.
 */
#ifndef TESTS_LIB_CAPF_FAKE_H
#define TESTS_LIB_CAPF_FAKE_H

#include "pair.h"
#include "talk/capf.h"

#define CAPF_FAKE_DEVICE "SEP001122334455"

struct capf_fake {
	/* Core. */
	struct answer start;     /* to ASK_CAPF_START; ok is set */
	struct span certificate; /* issued; empty: refused */
	bool is_ca_slow;         /* another CA has to sign first */
	bool is_finish_lost;     /* core cannot store how it ended */
	/* The phone. */
	struct span public_key; /* made; empty: key generation fails */
	bool is_store_refused;
	struct span lsc, mic; /* held; empty: none */
	struct bytes stored;  /* what it was given, owned by the fake */
	uint16_t asked_size;  /* of the key */
	uint8_t asked_type, asked_curve;
};

/* A core that lets the phone in for that, and a phone for which everything goes well. */
struct capf_fake capf_fake_new(enum answer_capf operation);
void capf_fake_free(struct capf_fake *f);

pair_answerer capf_fake_answer; /* arg: struct capf_fake */

struct capf_client_plan capf_fake_plan(
    struct capf_fake *f, const char *password, struct capf_client_result *result);

/* A message of that command with every element that any step may ask for; reason 1. */
struct capfmsg capf_fake_message(enum capfmsg_command command, uint32_t session);

/* Encodes and feeds one message. */
void capf_fake_feed(struct pair_end *end, const struct capfmsg *m);

/* Reads the one message that an end has written since the last take; ends the process when it is
 * not exactly one. */
struct capfmsg capf_fake_take(struct pair_end *end);

#endif

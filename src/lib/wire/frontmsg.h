/*
 * frontmsg: what core tells a front, and what a front tells core about itself, as bytes on the
 * channel. Questions and answers are ask.h. Typed, length-checked, leftovers refused.
 */
#ifndef WIRE_FRONTMSG_H
#define WIRE_FRONTMSG_H

#include "base/err.h"
#include "base/rd.h"
#include "base/wr.h"

#define FRONTMSG_MAX       (128 * 1024)
#define FRONTMSG_CHAIN_MAX 8

/* The services of a front that speak TLS. */
enum front_service { FRONT_TVS = 1, FRONT_CAPF = 2 };

/* How a front works; see the settings of the same names in cluster/conf.h. Times in seconds. */
struct front_settings {
	uint32_t handshake_s, tvs_idle_s, capf_answer_s, capf_keygen_s;
	uint32_t connections, connections_per_address, half_open;
	uint32_t tftp_transfers, tftp_transfers_per_address;
	uint32_t session_base; /* the first CAPF session id of this front */
};

/* Certificate and key of one TLS service. Spans of a parsed one are loans. */
struct front_identity {
	enum front_service service;
	bool old_tls;
	struct span chain[FRONTMSG_CHAIN_MAX]; /* DER, own certificate first */
	size_t chain_count;
	struct span key;        /* PKCS#8 DER */
	struct span ticket_key; /* 80 bytes */
};

/* Counters since the front began. */
struct front_counters {
	struct front_service_counters {
		uint64_t accepted, served, handshake_failed, old_refused, over_limit, timed_out,
		    broken;
		uint64_t open;
	} tvs, capf;
	uint64_t tftp_sent, tftp_failed, tftp_running;
};

must_use bool front_settings_encode(const struct front_settings *s, struct wr *out, struct err *e);
must_use bool front_settings_parse(struct span in, struct front_settings *out, struct err *e);
must_use bool front_identity_encode(const struct front_identity *id, struct wr *out, struct err *e);
must_use bool front_identity_parse(struct span in, struct front_identity *out, struct err *e);
must_use bool front_counters_encode(const struct front_counters *c, struct wr *out, struct err *e);
must_use bool front_counters_parse(struct span in, struct front_counters *out, struct err *e);

/* Adds b to a, for the sum over all fronts. */
void front_counters_add(struct front_counters *a, const struct front_counters *b);

#endif

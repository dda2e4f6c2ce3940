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
enum front_service { FRONT_TVS = 1, FRONT_CAPF = 2, FRONT_HTTPS = 3 };

/* How a front works; see the settings of the same names in cluster/conf.h. Times in seconds. */
struct front_settings {
	uint32_t handshake_s, tvs_idle_s, capf_answer_s, capf_keygen_s;
	uint32_t connections, connections_per_address, half_open;
	uint32_t tftp_transfers, tftp_transfers_per_address;
	uint32_t tftp_port_first, tftp_port_last; /* of transfers; 0: any free port */
	uint32_t http_connections, http_connections_per_address, http_idle_s;
	uint32_t cache_mb;     /* of copies that a front keeps */
	uint32_t file_max_mb;  /* of another cluster's file that is passed on */
	uint32_t session_base; /* the first CAPF session id of this front */
};

/* Certificate and key of one TLS service. Spans of a parsed one are loans. */
struct front_identity {
	enum front_service service;
	bool old_tls;
	struct span chain[FRONTMSG_CHAIN_MAX]; /* DER, own certificate first */
	size_t chain_count;
	struct span key;        /* PKCS#8 DER */
	struct span ticket_key; /* 80 bytes, or none: sessions are not resumed */
};

/* Counters since the front began. */
struct front_counters {
	struct front_service_counters {
		uint64_t accepted, served, handshake_failed, old_refused, over_limit, timed_out,
		    broken;
		uint64_t open;
	} tvs, capf, http, https;
	uint64_t tftp_sent, tftp_failed, tftp_running;
	uint64_t cache_hits, cache_misses, cache_bytes;
};

/* CHAN_FORGET: whose answers are not good any more: device names, a newline after each; empty: all
 * answers. */
struct front_forget {
	struct span devices;
};

/* CHAN_FOLDER: the number by which events of the handed-over inotify instance name a folder of the
 * provisioning folder. The first one brings the instance as its descriptor. */
struct front_folder {
	uint32_t number;
	struct span path; /* "" is the provisioning folder itself */
};

/* CHAN_SERVED: files that were sent whole, or not. Encoded one after another into one message. */
struct front_served {
	bool ok;
	struct span peer, name;
	struct span version; /* answer.version */
	struct span text;    /* not ok: why */
};

must_use bool front_settings_encode(const struct front_settings *s, struct wr *out, struct err *e);
must_use bool front_settings_parse(struct span in, struct front_settings *out, struct err *e);
must_use bool front_identity_encode(const struct front_identity *id, struct wr *out, struct err *e);
must_use bool front_identity_parse(struct span in, struct front_identity *out, struct err *e);
must_use bool front_counters_encode(const struct front_counters *c, struct wr *out, struct err *e);
must_use bool front_counters_parse(struct span in, struct front_counters *out, struct err *e);

must_use bool front_forget_encode(const struct front_forget *f, struct wr *out, struct err *e);
must_use bool front_forget_parse(struct span in, struct front_forget *out, struct err *e);
must_use bool front_folder_encode(const struct front_folder *f, struct wr *out, struct err *e);
must_use bool front_folder_parse(struct span in, struct front_folder *out, struct err *e);
/* Appends; what does not fit any more (ERR_LIMIT) leaves the message as it was. */
must_use bool front_served_encode(const struct front_served *s, struct wr *out, struct err *e);
/* The next one of a message; false with no error (ERR_NONE) at its end. */
bool front_served_next(struct rd *in, struct front_served *out, struct err *e);

/* Adds b to a, for the sum over all fronts. */
void front_counters_add(struct front_counters *a, const struct front_counters *b);

#endif

/*
 * core: the process with the store, every decision, the control socket and scheduled work. Listens
 * to no network.
 *
 * This is the switchboard: who is there and which question goes where. What the answers are stands
 * in core_files.c, core_tvs.c, core_capf.c and the command_*.c files.
 */
#ifndef DAEMON_CORE_H
#define DAEMON_CORE_H

#include "cluster/cluster.h"
#include "daemon/logbudget.h"
#include "daemon/options.h"
#include "wire/ask.h"
#include "wire/frontmsg.h"

#define CORE_FRONTS_MAX 64

struct event_base;
struct chan;
struct filecache;
struct sightings;
struct capf_sessions;
struct capf_peers;
struct guesses;
struct core_backup;
struct core_batch;
struct core_builds;
struct core_common;
struct core_folder;
struct core_goods;
struct core_handouts;
struct core_ocsp;
struct core_prepare;
struct core_reset;
struct core_stage;
struct signatures;
struct rapool;
struct signpool;
struct tvs_contacts;
struct refusals;

struct core;

/* One front and its channel. */
struct core_front {
	struct core *core;
	unsigned index;
	struct chan *chan;
	struct front_counters counters;
};

struct core {
	struct event_base *base;
	struct cluster *cluster;
	struct chan *main;
	struct core_front *front[CORE_FRONTS_MAX];
	struct front_counters past; /* of fronts that ended */
	struct filecache *files;
	struct core_ocsp *ocsp;
	struct sightings *sightings;
	struct tvs_contacts *tvs_contacts;
	struct refusals *refusals;
	struct capf_sessions *capf;
	struct capf_peers *capf_peers;
	struct rapool *rapool;
	struct core_reset *reset;
	struct core_backup *backup;
	struct core_stage *stage;
	struct guesses *guesses;
	struct signpool *signpool;
	struct signatures *signatures;
	struct core_folder *folder;
	struct core_builds *builds;
	struct core_goods *goods;
	struct core_handouts *handouts;
	struct phonecfg_moulds *moulds;
	struct core_prepare *prepare;
	struct core_common *common; /* NULL: to be read (core_wish.h) */
	unsigned shared_digest;     /* enum envelope_digest; 0: to be found out (core_digest.h) */
	struct core_batch *batch;   /* NULL in tests: answers leave at once */
	struct logbudget strangers; /* lines about what they did wrong */
	uint8_t ticket_key[80];
	time_t started;
	time_t certs_warned_at;           /* certwarn.h */
	time_t warned_at;                 /* core_renew.h: that the CAPF certificate will end */
	char bulk_after[DEVICE_NAME_MAX]; /* where core_bulk.h looks on; "": from the first */
	uint64_t notes_due_ms; /* clock_ms: what was seen and served is not written before */
};

/* Runs until SIGTERM. */
must_use bool core_run(const struct options *o, struct err *e);

/* The parts that answers are made with. base and cluster are there and stay the caller's. */
void core_parts_new(struct core *c);
void core_parts_free(struct core *c);

/* Sends an answer to the front that asked, or holds it until what it says is stored (core_batch.h;
 * no descriptor then); fd -1: none (the caller keeps it). */
void core_reply(struct core_front *to, const struct answer *a, int fd);

/* After a change of certificates or settings: fronts get what is new, and everything that was made
 * before is forgotten (core_forget.h). */
void core_refresh_fronts(struct core *c);

/* Writes who was heard and what was sent (sightings.h). Errors: ERR_STORE. */
must_use bool core_sightings_write(struct core *c, struct err *e);

/* The sum over all fronts. */
struct front_counters core_counters(const struct core *c);

/* Appends to the audit log; failing to is logged. object and text may be "". */
void core_audit(struct core *c, const char *actor, const char *event, const char *object,
    const char *fmt, ...) __attribute__((format(printf, 5, 6)));

/* Wall clock, seconds. */
time_t core_now(void);

#endif

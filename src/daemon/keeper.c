#include "daemon/keeper.h"

#include "base/log.h"
#include "base/mem.h"
#include "chan/chan.h"
#include "daemon/logline.h"
#include "daemon/sandbox.h"
#include "daemon/sealedfile.h"
#include "daemon/worker.h"
#include "keys/signer_pem.h"
#include "wire/envelope.h"
#include "wire/keymsg.h"

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#define NICE        5             /* who serves comes first */
#define HEADER_ROOM (1024 * 1024) /* what signing and encrypting add to a file */

struct keeper {
	struct chan *core;
	struct signer *signer;
	uint64_t file_max;
	void (*gone)(void *arg, const char *why);
	void *arg;
	struct wr out; /* reused for every answer */
};

static void
send_answer(struct keeper *k, const struct key_signed *answer)
{
	struct err e = { 0 };

	wr_reset(&k->out);
	if (!key_signed_encode(answer, &k->out, &e) ||
	    !chan_send(k->core, CHAN_SIGNED, wr_view(&k->out), -1, &e))
		log_event(LOG_ERROR, "signature-lost reason=\"%s\"", e.text);
}

/* The file to be signed; *copy holds it when it came beside the message. */
static bool
file_of(const struct keeper *k, const struct key_sign *ask, int fd, struct bytes *copy,
    struct span *file, struct err *e)
{
	*copy = (struct bytes){ 0 };
	*file = ask->file;
	if (!ask->has_file)
		return true;
	if (!sealedfile_read(fd, ask->file_size, k->file_max, copy, e))
		return false;
	*file = bytes_span(copy);
	return true;
}

/* Core has the file: it is sent the signature alone. */
static bool
sign(struct keeper *k, const struct key_sign *ask, int fd, struct bytes *signed_file,
    struct envelope *env, struct err *e)
{
	struct bytes copy;
	struct span file;
	bool ok;

	ok = file_of(k, ask, fd, &copy, &file, e) &&
	     signer_sign_file(k->signer, ask->key_id, file, signed_file, e) &&
	     envelope_parse(bytes_span(signed_file), env, NULL, e);
	bytes_free(&copy);
	return ok;
}

static void
answer(struct keeper *k, const struct key_sign *ask, int fd)
{
	struct bytes signed_file = { 0 };
	struct envelope env;
	struct err e = { 0 };

	if (sign(k, ask, fd, &signed_file, &env, &e))
		send_answer(k, &(struct key_signed){ .id = ask->id, .signature = env.signature });
	else
		send_answer(k, &(struct key_signed){
				   .id = ask->id, .code = e.code, .text = span_str(e.text) });
	bytes_free(&signed_file);
}

static void
from_core(void *arg, enum chan_kind kind, struct span payload, int fd)
{
	struct keeper *k = arg;
	struct key_sign ask;
	struct err e = { 0 };

	if (kind != CHAN_SIGN)
		log_event(LOG_ERROR, "keeper-asked-otherwise kind=%d", (int)kind);
	else if (!key_sign_parse(payload, &ask, &e))
		log_event(LOG_ERROR, "sign-malformed reason=\"%s\"", e.text);
	else
		answer(k, &ask, fd);
	if (fd >= 0)
		close(fd);
}

static void
core_gone(void *arg, const char *why)
{
	struct keeper *k = arg;

	k->gone(k->arg, why);
}

struct keeper *
keeper_new(struct event_base *base, int fd, struct signer *signer, uint64_t file_max,
    void (*gone)(void *arg, const char *why), void *arg)
{
	struct keeper *k = mem_new(1, sizeof *k);

	*k = (struct keeper){ .signer = signer,
		.file_max = file_max,
		.gone = gone,
		.arg = arg,
		.out = wr_new(KEYMSG_MAX) };
	k->core = chan_new(base, fd, from_core, core_gone, k);
	return k;
}

void
keeper_free(struct keeper *k)
{
	if (k == NULL)
		return;
	chan_free(k->core);
	wr_free(&k->out);
	free(k);
}

/* --- the process --- */

struct plan {
	struct signer *signer;
	uint64_t file_max;
};

static void *
start(const void *arg, struct event_base *base, int fd, worker_gone *gone, void *gone_arg)
{
	const struct plan *plan = arg;

	return keeper_new(base, fd, plan->signer, plan->file_max, gone, gone_arg);
}

static void
stop(void *keeper)
{
	keeper_free(keeper);
}

static bool
serve(const struct options *o, const struct conf *conf, struct signer *signer, struct err *e)
{
	const struct plan plan = { signer,
		(uint64_t)conf->file_max_mb * 1024 * 1024 + HEADER_ROOM };
	const struct worker_part part = { start, stop, &plan };

	return worker_run(o, &part, e);
}

bool
keeper_run(const struct options *o, struct err *e)
{
	char keys[PATH_MAX], name[16];
	struct signer *signer;
	struct conf conf;
	bool ok;

	snprintf(name, sizeof name, "keeper%u", o->index);
	logline_open(name, LOG_INFO);
	if (!sandbox_keeper(NICE, e) || !conf_read(o->dir, &conf, e))
		return false;
	logline_open(name, conf.log_level);
	snprintf(keys, sizeof keys, "%s/%s", conf.dir, CONF_KEYS);
	if (!signer_pem_open(keys, conf.key_file, &signer, e))
		return false;
	ok = serve(o, &conf, signer, e);
	signer_close(signer);
	return ok;
}

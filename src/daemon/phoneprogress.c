#include "daemon/phoneprogress.h"

#include "daemon/capf_peers.h"
#include "daemon/commands.h"
#include "daemon/core_capf_attempt.h"

#include <stdio.h>
#include <string.h>

#define SENTENCE_MAX 512

/* What is known, from whichever source is the newest. */
struct progress {
	const char *step, *says;
	const char *reason;
	const char *address;
	time_t at;
};

static const char *
attempt_says(const struct store_attempt *a)
{
	switch (a->step) {
	case STORE_CAPF_NONE:
		break;
	case STORE_CAPF_AUTHENTICATION:
		return "it was refused when it said who it is";
	case STORE_CAPF_KEYGEN:
		return a->reason[0] != '\0' ? "it gave no key" : "it makes its key";
	case STORE_CAPF_PHONE:
		return a->reason[0] != '\0' ? "it did not do what it was told"
					    : "it was told what to do";
	case STORE_CAPF_CA:
		return "no certificate was issued for its key";
	case STORE_CAPF_STORE:
		return a->reason[0] != '\0' ? "it did not confirm its certificate"
					    : "it was sent its certificate";
	case STORE_CAPF_DONE:
		return "its last session ended well";
	}
	return "it did not call CAPF";
}

/* An address may have been another phone's before. */
static void
look_at_peer(const struct core *c, const struct phone *p, struct progress *out)
{
	const struct capf_peer *peer = capf_peers_find(c->capf_peers, p->last_address);

	if (p->last_address[0] == '\0' || peer == NULL || peer->at <= out->at)
		return;
	*out = (struct progress){ .step = peer->tls ? "tls" : "tcp",
		.says = peer->tls ? "its address came to CAPF, and TLS failed"
				  : "its address connected to CAPF and said nothing",
		.reason = peer->text,
		.address = p->last_address,
		.at = peer->at };
}

/* What was seen before the operation was set says nothing about it. */
static struct progress
find_progress(const struct core *c, const struct phone *p, const struct store_attempt *a)
{
	struct progress out = { "none", "the phone was never heard of", "", "", 0 };

	if (p->last_seen != 0)
		out = (struct progress){ "file", "it fetched a file and did not call CAPF", "",
			p->last_address, 0 };
	if (a->at != 0)
		out = (struct progress){ store_capf_step_name(a->step), attempt_says(a), a->reason,
			a->address, a->at };
	look_at_peer(c, p, &out);
	if (out.at == 0)
		out.at = p->last_seen;
	return out;
}

static json_t *
sentence(const struct progress *g)
{
	char text[SENTENCE_MAX];
	json_t *at = json_time(g->at), *out;

	snprintf(text, sizeof text, "%s%s%s%s%s", g->says, g->reason[0] != '\0' ? ": " : "",
	    g->reason, g->at != 0 ? "; nothing was heard since " : "",
	    g->at != 0 ? json_string_value(at) : "");
	json_decref(at);
	out = json_text(text);
	return out;
}

bool
phoneprogress_add(struct core *c, const struct phone *p, json_t *phone, struct err *e)
{
	struct store_attempt a;
	struct progress g;

	if (!core_capf_attempt(c, p->device.name, &a, e))
		return false;
	g = find_progress(c, p, &a);
	json_object_set_new(phone, "progress", sentence(&g));
	json_object_set_new(phone, "attempt",
	    json_pack("{s:s, s:o, s:o, s:o, s:i, s:i}", "step", g.step, "reason",
		g.reason[0] != '\0' ? json_text(g.reason) : json_null(), "at", json_time(g.at),
		"address", g.address[0] != '\0' ? json_text(g.address) : json_null(),
		"keygen_failures", (int)a.keygen_failures, "broken", (int)a.broken));
	return true;
}

static bool
add_entry(void *arg, const struct store_history *h)
{
	json_array_append_new(arg, json_pack("{s:o, s:o, s:o}", "at", json_time(h->at), "status",
				       json_text(h->status), "cause", json_text(h->cause)));
	return true;
}

bool
phoneprogress_history(struct core *c, const struct phone *p, json_t *phone, struct err *e)
{
	json_t *entries = json_array();

	if (!store_history_each(cluster_store(c->cluster), p->device.name, add_entry, entries, e)) {
		json_decref(entries);
		return false;
	}
	json_object_set_new(phone, "operations", entries);
	return true;
}

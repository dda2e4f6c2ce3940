#include "admin/certbrief.h"
#include "admin/heldlist.h"
#include "admin/output.h"
#include "admin/readfile.h"
#include "admin/tvsask.h"

#include <stdio.h>

#define HOST_MAX 256

/* One probe: what is looked at, and what came of it. */
struct probe {
	struct tvsask_server server;
	char host[HOST_MAX];
	struct heldlist held;
	struct trust_eval_verdict match; /* of the certificate shown; not judged without a list */
	struct cert *shown;
	struct cert *about; /* --cert; NULL: nothing was asked */
	enum tvsask_kind kind;
	struct tvsask_answer answer;
	struct err no_answer; /* code ERR_NONE: there is one */
};

static bool
matches(const struct probe *p)
{
	return !p->held.is_there || trust_eval_is_accepted(p->match.outcome);
}

/* What is needed is read before a server is troubled. */
static bool
probe_prepare(struct invocation *in, struct probe *p, struct err *e)
{
	const char *about = invocation_option(in, "cert");

	p->server = (struct tvsask_server){ .host = p->host,
		.port = TVSASK_PORT,
		.old_tls = invocation_option(in, "old-tls") != NULL };
	p->kind = invocation_option(in, "https") != NULL ? TVSASK_HTTPS : TVSASK_SIGNER;
	if (!tvsask_parse(in->word[0], p->host, sizeof p->host, &p->server.port, e))
		return false;
	if (about == NULL && p->kind == TVSASK_HTTPS)
		return invocation_usage(in, e, "--https says how to ask about --cert FILE");
	if (!heldlist_read(in, true, &p->held, e))
		return false;
	p->about = about != NULL ? readfile_cert(about, e) : NULL;
	return about == NULL || p->about != NULL;
}

static bool
probe_run(struct probe *p, struct err *e)
{
	const struct trust_eval_state phone = heldlist_phone(&p->held);

	if (!tvsask_look(&p->server, &p->shown, e))
		return false;
	trust_eval_tvs_server(&phone, p->shown, &p->match);
	if (p->about != NULL &&
	    tvsask_ask(&p->server, p->kind, p->about, NULL, &p->answer, NULL, &p->no_answer))
		p->no_answer = (struct err){ 0 };
	return true;
}

static const char *
role_name(uint8_t role, char unnamed[8])
{
	const char *name = function_name(role);

	if (name != NULL)
		return name;
	snprintf(unnamed, 8, "%u", (unsigned)role);
	return unnamed;
}

/* Why the certificate is not trusted; NULL: it is. */
static const char *
refusal(const struct probe *p)
{
	if (p->no_answer.code != ERR_NONE)
		return p->no_answer.text;
	if (p->answer.other)
		return "it has another certificate of this issuer and serial";
	return p->answer.trusted ? NULL : "it does not know the certificate, or not as trusted";
}

static json_t *
question_json(const struct probe *p)
{
	json_t *roles = json_array();
	const char *why = refusal(p);
	char unnamed[8];

	for (size_t i = 0; i < p->answer.role_count; i++)
		json_array_append_new(roles, json_string(role_name(p->answer.roles[i], unnamed)));
	return json_pack("{s:o, s:s, s:b, s:o, s:o, s:I}", "certificate", certbrief(p->about), "as",
	    p->kind == TVSASK_HTTPS ? "https" : "signer", "trusted", p->answer.trusted, "reason",
	    why != NULL ? output_string(span_str(why)) : json_null(), "roles", roles, "ttl",
	    (json_int_t)p->answer.ttl);
}

static json_t *
probe_json(const struct probe *p)
{
	bool judged = p->held.is_there;

	return json_pack("{s:o, s:i, s:b, s:o, s:o, s:o, s:o, s:o}", "host",
	    output_string(span_str(p->host)), "port", (int)p->server.port, "old_tls",
	    p->server.old_tls, "certificate", certbrief(p->shown), "list",
	    judged ? output_string(span_str(p->held.from)) : json_null(), "match",
	    judged ? json_boolean(matches(p)) : json_null(), "match_reason",
	    judged ? output_string(span_str(p->match.reason)) : json_null(), "question",
	    p->about != NULL ? question_json(p) : json_null());
}

static void
print_question(const json_t *q)
{
	puts("\nAsked about:");
	output_fields(json_object_get(q, "certificate"),
	    (const char *const[]){ "subject", "issuer", "serial", "sha256", NULL });
	output_fields(q, (const char *const[]){ "as", "trusted", "reason", "roles", "ttl", NULL });
}

static void
print_probe(const json_t *o)
{
	output_fields(o, (const char *const[]){ "host", "port", "old_tls", NULL });
	output_fields(json_object_get(o, "certificate"),
	    (const char *const[]){ "subject", "issuer", "serial", "sha256", "expires", NULL });
	output_fields(o, (const char *const[]){ "list", "match", "match_reason", NULL });
	if (!json_is_null(json_object_get(o, "question")))
		print_question(json_object_get(o, "question"));
}

/* One line on what a phone would do. */
static bool
verdict(const struct probe *p, struct err *e)
{
	if (!matches(p))
		return err_set(e, ERR_REFUSED,
		    "a phone with %s does not believe the TVS server %s: %s", p->held.from, p->host,
		    p->match.reason);
	if (p->about != NULL && !p->answer.trusted)
		return err_set(e, ERR_REFUSED, "TVS of %s does not vouch for %s: %s", p->host,
		    cert_subject_cucm(p->about), refusal(p));
	return true;
}

bool
run_tvs_probe(struct invocation *in, struct err *e)
{
	struct probe p = { 0 };
	bool ok = probe_prepare(in, &p, e) && probe_run(&p, e);
	json_t *o;

	if (ok) {
		o = probe_json(&p);
		if (in->json)
			output_json(o);
		else
			print_probe(o);
		json_decref(o);
		ok = verdict(&p, e);
	}
	cert_free(p.shown);
	cert_free(p.about);
	heldlist_free(&p.held);
	return ok;
}

#include "phone/phone_get.h"

#include "phone/phone_keep.h"
#include "phone/phone_tvs.h"
#include "phone/say.h"

static const char *const via_names[] = {
	[PHONE_VIA_HTTPS] = "HTTPS",
	[PHONE_VIA_HTTP] = "HTTP",
	[PHONE_VIA_TFTP] = "TFTP",
};

const char *
phone_via_name(enum phone_via via)
{
	return via_names[via];
}

/* 78xx and 88xx; they are those that know EC, too (files.md 8 and 9). */
static bool
is_newer(const struct handset *h)
{
	return console_style_of(h->options->model) == CONSOLE_NEW;
}

static bool
list_says_https(const struct phone_list *l)
{
	const struct envelope *env = &l->list.env;

	return l->held && env->has_signer_version &&
	       (env->signer_major > 1 || (env->signer_major == 1 && env->signer_minor >= 1));
}

bool
phone_get_wants_https(const struct handset *h)
{
	return is_newer(h) && (list_says_https(&h->ctl) || list_says_https(&h->itl));
}

static bool
run(struct handset *h, const struct phone_fetch *f, struct bytes *out, struct err *e)
{
	if (h->io->get(h->io->arg, f, out, e)) {
		h->via = f->via;
		say_received(&h->console, f->name, out->n);
		return true;
	}
	if (e->code != ERR_UNKNOWN)
		console_line(
		    &h->console, CONSOLE_ERR, "%s: %s: %s", via_names[f->via], f->name, e->text);
	return false;
}

/* Another way to the same server makes no difference to what it has. */
static bool
is_final(const struct err *e)
{
	return e->code == ERR_UNKNOWN || e->code == ERR_LIMIT;
}

bool
phone_get(struct handset *h, const char *name, size_t max, struct bytes *out, struct err *e)
{
	struct phone_fetch f = { .via = PHONE_VIA_HTTP, .name = name, .size_max = max };

	if (is_newer(h) && !h->no_http) {
		if (run(h, &f, out, e))
			return true;
		if (is_final(e))
			return false;
		h->no_http = e->code != ERR_REFUSED;
		console_line(&h->console, CONSOLE_WRN, "HTTP: falling back to TFTP");
	}
	f.via = PHONE_VIA_TFTP;
	return run(h, &f, out, e);
}

static bool
judge_server(void *arg, const struct cert *c, struct err *e)
{
	struct handset *h = arg;
	struct trust_eval_state st = phone_trust(h);
	struct trust_eval_verdict v;

	trust_eval_file_server(&st, c, &v);
	phone_tvs_settle(h, (struct span){ 0 }, &v);
	if (!trust_eval_is_accepted(v.outcome))
		return err_set(e, ERR_CRYPTO, "the server's certificate: %s", v.reason);
	console_sec(&h->console, CONSOLE_NOT, "file server %s: %s",
	    trust_eval_outcome_text(v.outcome), v.reason);
	return true;
}

bool
phone_get_https(struct handset *h, const char *name, size_t max, struct bytes *out, struct err *e)
{
	struct phone_fetch f = { .via = PHONE_VIA_HTTPS,
		.name = name,
		.size_max = max,
		.judge = judge_server,
		.judge_arg = h };

	f.own = phone_identity(h, &f.own_key);
	return run(h, &f, out, e);
}

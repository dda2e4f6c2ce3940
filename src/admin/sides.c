#include "admin/sides.h"

#include "admin/client.h"
#include "admin/ownlist.h"
#include "admin/readfile.h"
#include "admin/tvsask.h"

#include "base/text.h"
#include "cluster/conf.h"
#include "net/tftp_get.h"
#include "rules/signedfile.h"
#include "rules/trust_record.h"

#include <stdio.h>
#include <string.h>

#define TFTP_PORT  69
#define RETRY_MS   500
#define RETRY_MAX  2000
#define TRIES      4
#define NAME_BYTES 64

#define OTHER_MAX 60

bool
sides_name_is_good(const char *name)
{
	size_t n = strlen(name);

	return n > 0 && n <= OTHER_MAX &&
	       strspn(name, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_.") ==
		   n;
}

/* --- the other cluster's lists --- */

static bool
fetch(const char *host, uint16_t port, const char *name, struct bytes *out, struct err *e)
{
	const struct tftp_get get = { .host = host,
		.port = port,
		.name = name,
		.size_max = TRUSTLIST_FILE_MAX,
		.retry_ms = RETRY_MS,
		.retry_max_ms = RETRY_MAX,
		.tries = TRIES };

	return tftp_get(&get, out, e) || err_in(e, "%s: %s", host, name);
}

/* As a phone asks: its own file, then everybody's. *out empty: there is none. */
static bool
fetch_list(struct invocation *in, const char *kind, struct bytes *out, struct err *e)
{
	const char *phone = invocation_option(in, "phone");
	char host[SIDES_HOST_MAX], name[NAME_BYTES];
	uint16_t port = TFTP_PORT;

	*out = (struct bytes){ 0 };
	if (!tvsask_parse(invocation_option(in, "server"), host, sizeof host, &port, e))
		return false;
	for (int general = phone == NULL; general < 2; general++) {
		if (general)
			snprintf(name, sizeof name, "%sFile.tlv", kind);
		else
			snprintf(name, sizeof name, "%s%.40s.tlv", kind, phone);
		if (fetch(host, port, name, out, e))
			return true;
		if (e->code != ERR_UNKNOWN && e->code != ERR_REFUSED)
			return false;
	}
	e->code = ERR_NONE;
	return true;
}

static bool
read_theirs(struct invocation *in, struct sides *s, struct err *e)
{
	const char *itl = invocation_option(in, "itl"), *ctl = invocation_option(in, "ctl");
	bool served = invocation_option(in, "server") != NULL;
	bool ok;

	if (itl == NULL && !served)
		return invocation_usage(in, e, "--itl FILE or --server ADDRESS is needed");
	ok = itl != NULL ? readfile(itl, &s->them.itl, e) : fetch_list(in, "ITL", &s->them.itl, e);
	if (ok && s->them.itl.n == 0)
		ok = err_set(e, ERR_UNKNOWN, "%s has no ITL%s", s->other,
		    invocation_option(in, "phone") != NULL
			? " for that phone, and no ITLFile.tlv"
			: "File.tlv; if it hands lists to its own phones only, name one: --phone");
	if (!ok)
		return false;
	if (ctl != NULL)
		return readfile(ctl, &s->them.ctl, e);
	return itl != NULL || fetch_list(in, "CTL", &s->them.ctl, e);
}

/* *out empty: the cluster has no such list. */
static bool
read_own(struct invocation *in, const char *command, struct bytes *out, struct err *e)
{
	json_t *shown;
	bool ok;

	if (!client_call(in, command, json_object(), &shown, e))
		return e->code == ERR_UNKNOWN;
	ok = text_unhex(span_str(json_string_value(json_object_get(shown, "file"))), out, e);
	json_decref(shown);
	return ok;
}

/* In non-secure mode there is no CTL. */
static bool
read_ours(struct invocation *in, struct sides *s, struct err *e)
{
	if (!read_own(in, "show/itl", &s->us.itl, e) || !read_own(in, "show/ctl", &s->us.ctl, e))
		return false;
	return s->us.itl.n > 0 || err_set(e, ERR_UNKNOWN, "this cluster has published no ITL");
}

/* --- TVS servers of the cluster that phones leave --- */

static void
add_server(struct sides *s, const char *host, uint16_t port)
{
	for (size_t i = 0; i < s->servers; i++)
		if (strcasecmp(s->server[i].host, host) == 0)
			return;
	if (s->servers == SIDES_SERVERS_MAX || *host == '\0')
		return;
	snprintf(s->server[s->servers].host, SIDES_HOST_MAX, "%s", host);
	s->server[s->servers++].port = port;
}

static bool
given_servers(struct invocation *in, struct sides *s, struct err *e)
{
	for (size_t i = 0; i < in->given_count; i++) {
		char host[SIDES_HOST_MAX];
		uint16_t port = TVSASK_PORT;

		if (strcmp(in->given[i].name, "tvs") != 0)
			continue;
		if (!tvsask_parse(in->given[i].value, host, sizeof host, &port, e))
			return err_in(e, "--tvs");
		if (s->servers == SIDES_SERVERS_MAX)
			return invocation_usage(
			    in, e, "phones have at most %d TVS servers", SIDES_SERVERS_MAX);
		add_server(s, host, port);
	}
	return true;
}

/* The common name of a TVS record is the host name of its server. */
static void
add_named(struct sides *s, const struct trustlist_record *r)
{
	char host[SIDES_HOST_MAX] = "";
	struct span cn = r->subject;

	if (cn.n < 3 || memcmp(cn.p, "CN=", 3) != 0)
		return;
	for (size_t i = 3; i < cn.n && i - 3 < sizeof host - 1; i++) {
		if (cn.p[i] == ';' || cn.p[i] == ',')
			break;
		host[i - 3] = (char)cn.p[i];
		host[i - 2] = '\0';
	}
	if (text_is_printable(span_str(host)))
		add_server(s, host, TVSASK_PORT);
}

static bool
their_servers(struct invocation *in, struct sides *s, struct err *e)
{
	const char *server = invocation_option(in, "server");
	char host[SIDES_HOST_MAX];
	uint16_t port = 0;

	if (server != NULL) {
		if (!tvsask_parse(server, host, sizeof host, &port, e))
			return false;
		add_server(s, host, TVSASK_PORT);
		return true;
	}
	for (size_t i = 0; i < s->them.itl_list.count; i++) {
		const struct trustlist_record *r = &s->them.itl_list.records[i];

		if (trust_record_has_role(r, TRUST_RECORD_ROLE(FUNCTION_TVS)))
			add_named(s, r);
	}
	return true;
}

/* By the address that phones are given, or the name. */
static bool
our_servers(struct invocation *in, struct sides *s, struct err *e)
{
	struct conf conf;
	json_t *nodes, *node;
	size_t i;

	if (!conf_read(in->dir, &conf, e) ||
	    !client_call(in, "node/list", json_object(), &nodes, e))
		return false;
	json_array_foreach(nodes, i, node)
	{
		const char *addresses = json_string_value(json_object_get(node, "addresses"));
		const char *name = json_string_value(json_object_get(node, "name"));
		char host[SIDES_HOST_MAX];

		if (!json_is_true(json_object_get(node, "tvs")) || addresses == NULL)
			continue;
		snprintf(host, sizeof host, "%.*s", (int)strcspn(addresses, " "), addresses);
		add_server(s, *host != '\0' || name == NULL ? host : name, conf.ports.tvs);
	}
	json_decref(nodes);
	return true;
}

static bool
find_servers(struct invocation *in, struct sides *s, struct err *e)
{
	if (!given_servers(in, s, e))
		return false;
	if (s->servers > 0)
		return true;
	return s->from ? their_servers(in, s, e) : our_servers(in, s, e);
}

/* --- both --- */

static bool
read_direction(struct invocation *in, struct sides *s, struct err *e)
{
	const char *from = invocation_option(in, "from"), *to = invocation_option(in, "to");

	if ((from == NULL) == (to == NULL))
		return invocation_usage(in, e,
		    "--from NAME (phones come from that cluster) or --to NAME (they go to it) is "
		    "needed");
	s->from = from != NULL;
	s->other = s->from ? from : to;
	return sides_name_is_good(s->other) ||
	       invocation_usage(in, e, "--from and --to take " SIDES_NAME_HELP);
}

static const struct sides_cluster *
left(const struct sides *s)
{
	return s->from ? &s->them : &s->us;
}

static bool
parse(struct span file, struct trustlist *out, const char *kind, const char *whose, struct err *e)
{
	bool ok =
	    file.n == 0 || (trustlist_parse(file, out, e) && signedfile_check_list(out, NULL, e));

	if (ok && file.n > 0 && trustlist_is_ctl(out) != (strcmp(kind, "CTL") == 0))
		ok =
		    err_set(e, ERR_REFUSED, "it is %s", trustlist_is_ctl(out) ? "a CTL" : "an ITL");
	return ok || err_in(e, "the %s of %s", kind, whose);
}

static bool
parse_cluster(struct sides_cluster *c, const char *whose, struct err *e)
{
	return parse(bytes_span(&c->itl), &c->itl_list, "ITL", whose, e) &&
	       parse(bytes_span(&c->ctl), &c->ctl_list, "CTL", whose, e);
}

/* Phones go from one to the other. */
static bool
open_moving(const struct sides_cluster *old, const struct sides_cluster *new, const char *to,
    struct moving *out, struct err *e)
{
	return moving_open(old->ctl.n > 0 ? &old->ctl_list : NULL, &old->itl_list,
		   bytes_span(&new->ctl), bytes_span(&new->itl), out, e) ||
	       err_in(e, "%s", to);
}

/* With a list of our own in the place of theirs, everybody would seem to be known already. */
static bool
refuse_ours(struct invocation *in, const struct trustlist *list, const char *kind,
    const char *whose, struct err *e)
{
	return ownlist_refuse(in, list, e) || err_in(e, "the %s of %s", kind, whose);
}

static bool
are_theirs(struct invocation *in, const struct sides *s, struct err *e)
{
	return refuse_ours(in, &s->them.itl_list, "ITL", s->other, e) &&
	       (s->them.ctl.n == 0 || refuse_ours(in, &s->them.ctl_list, "CTL", s->other, e));
}

static bool
judge(struct invocation *in, struct sides *s, struct err *e)
{
	const struct sides_cluster *old = left(s), *new = s->from ? &s->us : &s->them;

	return parse_cluster(&s->them, s->other, e) && are_theirs(in, s, e) &&
	       parse_cluster(&s->us, "this cluster", e) &&
	       open_moving(old, new, sides_new(s), &s->moving, e) &&
	       open_moving(new, old, sides_old(s), &s->back, e);
}

bool
sides_open(struct invocation *in, struct sides *out, struct err *e)
{
	*out = (struct sides){ 0 };
	if (read_direction(in, out, e) && read_theirs(in, out, e) && read_ours(in, out, e) &&
	    judge(in, out, e) && find_servers(in, out, e))
		return true;
	sides_free(out);
	return false;
}

static void
cluster_free(struct sides_cluster *c)
{
	trustlist_free(&c->ctl_list);
	trustlist_free(&c->itl_list);
	bytes_free(&c->ctl);
	bytes_free(&c->itl);
}

void
sides_free(struct sides *s)
{
	moving_free(&s->moving);
	moving_free(&s->back);
	cluster_free(&s->us);
	cluster_free(&s->them);
}

const char *
sides_old(const struct sides *s)
{
	return s->from ? s->other : "this cluster";
}

const char *
sides_new(const struct sides *s)
{
	return s->from ? "this cluster" : s->other;
}

const char *
sides_signs(const struct moving_signer *signer)
{
	return signer->function == FUNCTION_SAST ? "lists" : "files";
}

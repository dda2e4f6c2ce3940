#include "admin/tvsask.h"

#include "base/text.h"
#include "net/dial.h"
#include "talk/tvs.h"

#include <signal.h>
#include <stdio.h>

/* As the simulated phone. */
#define CONNECT_SECONDS 10
#define ANSWER_SECONDS  30

#define FIRST_SESSION 1001 /* phones count from about here: doc/protocols/tvs.md, section 6 */

/* One call: what the server showed, and whether there is anything to ask. */
struct call {
	struct cert *shown;
	bool only_look;
};

bool
tvsask_parse(const char *text, char *host, size_t max, uint16_t *port, struct err *e)
{
	const char *from = text, *end = strchr(text, ':'), *at = NULL;
	unsigned long number = *port;

	if (text[0] == '[') {
		from = text + 1;
		end = strchr(from, ']');
		if (end == NULL || (end[1] != '\0' && end[1] != ':'))
			return err_set(
			    e, ERR_MALFORMED, "%.60s: an address in [] is expected", text);
		at = end[1] == ':' ? end + 2 : NULL;
	} else if (end != NULL && strchr(end + 1, ':') == NULL) {
		at = end + 1;
	} else {
		end = text + strlen(text);
	}
	if (end == from || (size_t)(end - from) >= max)
		return err_set(e, ERR_MALFORMED, "%.60s: no host name or address", text);
	if (at != NULL && !text_number(at, 1, UINT16_MAX, &number))
		return err_set(e, ERR_MALFORMED, "%.60s: a port from 1 to 65535 is expected", text);
	memcpy(host, from, (size_t)(end - from));
	host[end - from] = '\0';
	*port = (uint16_t)number;
	return true;
}

/* Keeps the certificate. Who only looks breaks off here, before anything is said. */
static bool
keep(void *arg, struct span leaf, struct err *e)
{
	struct call *c = arg;

	c->shown = cert_parse(leaf, e);
	return c->shown != NULL && !c->only_look;
}

static bool
run(const struct tvsask_server *s, struct call *c, const struct tvs_client_plan *plan,
    struct err *e)
{
	const struct dial dial = { .host = s->host,
		.port = s->port,
		.connect_s = CONNECT_SECONDS,
		.answer_s = ANSWER_SECONDS,
		.tls = { .version = s->old_tls ? TLSDIAL_1_0 : TLSDIAL_1_2 },
		.verify = keep,
		.arg = c };

	signal(SIGPIPE, SIG_IGN);
	return dial_run(&dial, &tvs_client, plan, NULL, e);
}

bool
tvsask_look(const struct tvsask_server *s, struct cert **shown, struct err *e)
{
	struct tvs_client_result none;
	const struct tvs_client_plan plan = { .result = &none };
	struct call c = { .only_look = true };

	(void)!run(s, &c, &plan, e);
	*shown = c.shown;
	return c.shown != NULL;
}

static struct tvsmsg
request_about(enum tvsask_kind kind, const struct cert *about, const char *device)
{
	struct tvsmsg m = { .session_id = FIRST_SESSION,
		.device = span_str(device != NULL ? device : TVSASK_DEVICE) };

	if (kind == TVSASK_HTTPS) {
		m.command = TVSMSG_VERIFY_REQUEST;
		m.certificate = cert_der(about);
	} else {
		m.command = TVSMSG_QUERY_REQUEST;
		m.subject = span_str(cert_subject_cucm(about));
		m.issuer = span_str(cert_issuer_cucm(about));
		m.serial = cert_serial(about);
	}
	return m;
}

bool
tvsask_ask(const struct tvsask_server *s, enum tvsask_kind kind, const struct cert *about,
    const char *device, struct tvsask_answer *answer, struct cert **shown, struct err *e)
{
	struct tvs_client_result result = { 0 };
	const struct tvs_client_plan plan = { request_about(kind, about, device), &result };
	struct call c = { 0 };
	bool ok = run(s, &c, &plan, e);

	*answer = (struct tvsask_answer){
		.trusted = result.valid, .role_count = result.role_count, .ttl = result.ttl
	};
	memcpy(answer->roles, result.roles, result.role_count);
	if (ok && result.valid && kind == TVSASK_SIGNER &&
	    !span_eq(bytes_span(&result.certificate), cert_der(about))) {
		answer->trusted = false;
		answer->other = true;
	}
	bytes_free(&result.certificate);
	if (shown != NULL)
		*shown = c.shown;
	else
		cert_free(c.shown);
	return ok;
}

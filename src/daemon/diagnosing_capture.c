#include "daemon/diagnosing.h"

#include "base/mem.h"
#include "base/text.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* The facts of a capture come as sealtone capture --json prints them. */

/* --- values --- */

static const char *
text_of(const json_t *o, const char *key)
{
	const char *text = json_string_value(json_object_get(o, key));

	return text != NULL ? text : "";
}

static unsigned
number_of(const json_t *o, const char *key)
{
	json_int_t n = json_integer_value(json_object_get(o, key));

	return n > 0 && n <= INT32_MAX ? (unsigned)n : 0;
}

static bool
address_of(const json_t *o, const char *key, struct packet_address *out, struct err *e)
{
	return packet_address_parse(text_of(o, key), out, e) || err_in(e, "capture: %s", key);
}

/* The value of an enumeration by its text; count when there is none. */
static unsigned
value_of(const char *text, const char *(*name)(unsigned value), unsigned count)
{
	unsigned i = 0;

	while (i < count && strcmp(text, name(i)) != 0)
		i++;
	return i;
}

static const char *
answer_name(unsigned value)
{
	return captured_answer_name((enum captured_answer)value);
}

static const char *
sight_name(unsigned value)
{
	return captured_sight_text((enum captured_sight)value);
}

static const char *
resolution_name(unsigned value)
{
	return captured_resolution_text((enum captured_resolution)value);
}

static bool
is_known(unsigned value, unsigned count, const char *what, struct err *e)
{
	return value < count || err_set(e, ERR_MALFORMED, "capture: %s is not known", what);
}

/* --- files and names --- */

static bool
read_file(const json_t *o, struct captured_file *out, struct err *e)
{
	unsigned answer = value_of(text_of(o, "answer"), answer_name, CAPTURED_ANSWERS);

	if (!is_known(answer, CAPTURED_ANSWERS, "answer", e) ||
	    !address_of(o, "server", &out->server, e))
		return false;
	snprintf(out->name, sizeof out->name, "%s", text_of(o, "name"));
	out->http = strcmp(text_of(o, "via"), "http") == 0;
	out->asked = number_of(o, "asked");
	out->answer = (enum captured_answer)answer;
	out->code = (uint16_t)number_of(o, "code");
	out->packet = out->last = number_of(o, "packet");
	return true;
}

/* Types that have no name here ("type 99") are of no matter. */
static bool
read_name(const json_t *o, struct captured_name *out, struct err *e)
{
	unsigned r = value_of(text_of(o, "result"), resolution_name, CAPTURED_RESOLUTIONS);

	if (!is_known(r, CAPTURED_RESOLUTIONS, "result", e))
		return false;
	snprintf(out->name, sizeof out->name, "%s", text_of(o, "name"));
	out->type = strcmp(text_of(o, "type"), "A") == 0      ? 1
		    : strcmp(text_of(o, "type"), "AAAA") == 0 ? 28
							      : 0;
	out->asked = number_of(o, "asked");
	out->resolution = (enum captured_resolution)r;
	out->packet = number_of(o, "packet");
	return true;
}

/* --- connections --- */

static bool
read_side(const json_t *o, struct captured_side *out, struct err *e)
{
	unsigned sight = value_of(text_of(o, "sight"), sight_name, CAPTURED_SIGHTS);
	const char *hex = text_of(json_object_get(o, "certificate"), "der");
	struct bytes der = { 0 };

	if (!is_known(sight, CAPTURED_SIGHTS, "sight", e))
		return false;
	out->sight = (enum captured_sight)sight;
	if (*hex == '\0')
		return true;
	if (text_unhex(span_str(hex), &der, e))
		out->cert = cert_parse(bytes_span(&der), e);
	bytes_free(&der);
	return out->cert != NULL || err_in(e, "capture: certificate");
}

/* Alerts that were encrypted say nothing. */
static void
read_alerts(const json_t *all, struct captured_server *out)
{
	for (size_t i = 0; i < json_array_size(all) && out->alerts < CAPTURED_ALERTS_MAX; i++) {
		const json_t *o = json_array_get(all, i);
		bool fatal = strcmp(text_of(o, "level"), "fatal") == 0;

		if (!json_is_integer(json_object_get(o, "code")))
			continue;
		out->alert[out->alerts++] = (struct captured_alert){
			.by_phone = strcmp(text_of(o, "by"), "phone") == 0,
			.alert = { fatal ? 2 : 1, (uint8_t)number_of(o, "code") },
			.count = number_of(o, "count"),
		};
	}
}

static bool
read_server(const json_t *o, struct captured_server *out, struct err *e)
{
	unsigned port = number_of(o, "port"), service = 0;

	while (service < CAPTURED_SERVICES &&
	       captured_service_port((enum captured_service)service) != port)
		service++;
	if (!is_known(service, CAPTURED_SERVICES, "port", e) ||
	    !address_of(o, "server", &out->address, e) ||
	    !read_side(json_object_get(o, "server_side"), &out->server, e) ||
	    !read_side(json_object_get(o, "phone_side"), &out->phone, e))
		return false;
	out->service = (enum captured_service)service;
	out->tries = number_of(o, "tries");
	out->established = number_of(o, "established");
	out->refused = number_of(o, "refused");
	out->both_ways = json_is_true(json_object_get(o, "both_ways"));
	out->packet = number_of(o, "packet");
	read_alerts(json_object_get(o, "alerts"), out);
	return true;
}

static bool
read_phone(const json_t *o, struct captured_phone *out, struct err *e)
{
	const json_t *files = json_object_get(o, "files"),
		     *servers = json_object_get(o, "connections"),
		     *names = json_object_get(o, "names");

	if (!address_of(o, "address", &out->address, e))
		return false;
	for (size_t i = 0; i < json_array_size(files) && i < CAPTURED_FILES_MAX; i++)
		if (!read_file(json_array_get(files, i), &out->file[out->files++], e))
			return false;
	for (size_t i = 0; i < json_array_size(servers) && i < CAPTURED_SERVERS_MAX; i++)
		if (!read_server(json_array_get(servers, i), &out->server[out->servers++], e))
			return false;
	for (size_t i = 0; i < json_array_size(names) && i < CAPTURED_NAMES_MAX; i++)
		if (!read_name(json_array_get(names, i), &out->name[out->names++], e))
			return false;
	return true;
}

/* --- what the phone would make of the certificates --- */

static void
judge(const struct diagnosing *d, struct captured_server *s, const struct trustlist *ctl,
    const struct trustlist *itl)
{
	const struct trust_eval_state held = { .ctl = ctl, .itl = itl, .now = d->facts.now };

	captured_judge(s, &held);
}

/* By each list that it may hold, until one has it. */
static void
judge_by_handed(const struct diagnosing *d, struct captured_server *s)
{
	struct trustlist ctl, itl;
	bool has_ctl = d->believed_ctl.file.n > 0 &&
		       trustlist_parse(bytes_span(&d->believed_ctl.file), &ctl, NULL);

	for (size_t i = 0; i < d->lists && !s->matches; i++) {
		if (!trustlist_parse(bytes_span(&d->list[i].file), &itl, NULL))
			continue;
		judge(d, s, has_ctl ? &ctl : NULL, &itl);
		trustlist_free(&itl);
	}
	if (has_ctl)
		trustlist_free(&ctl);
}

static void
judge_all(const struct diagnosing *d)
{
	const struct diagnosing_held *ctl = &d->held_ctl, *itl = &d->held_itl;

	for (size_t i = 0; i < d->seen->servers; i++)
		if (ctl->is_parsed || itl->is_parsed)
			judge(d, &d->seen->server[i], ctl->is_parsed ? &ctl->list : NULL,
			    itl->is_parsed ? &itl->list : NULL);
		else
			judge_by_handed(d, &d->seen->server[i]);
}

/* --- the cluster's servers --- */

static bool
on_node(void *arg, const struct store_node *n)
{
	struct diagnosing *d = arg;
	char addresses[STORE_VALUE_MAX], *rest = addresses;
	const char *one;

	snprintf(addresses, sizeof addresses, "%s", n->addresses);
	while ((one = strsep(&rest, " ")) != NULL && d->own_count < DIAGNOSING_OWN_MAX)
		if (packet_address_parse(one, &d->own[d->own_count], NULL))
			d->own_count++;
	return true;
}

bool
diagnosing_see(struct diagnosing *d, const json_t *phone, struct err *e)
{
	if (phone == NULL)
		return true;
	d->seen = mem_new(1, sizeof *d->seen);
	if (!read_phone(phone, d->seen, e) ||
	    !store_node_each(cluster_store(d->core->cluster), on_node, d, e))
		return false;
	judge_all(d);
	d->facts.capture = (struct diagnosis_capture){ d->seen, d->own, d->own_count };
	return true;
}

void
diagnosing_seen_free(struct captured_phone *seen)
{
	for (size_t i = 0; seen != NULL && i < seen->servers; i++) {
		cert_free(seen->server[i].server.cert);
		cert_free(seen->server[i].phone.cert);
	}
	free(seen);
}

#include "admin/capturejson.h"

#include "admin/certbrief.h"
#include "admin/output.h"
#include "base/text.h"

#include <stdio.h>
#include <stdlib.h>

static json_t *
address_json(const struct packet_address *a)
{
	char text[PACKET_ADDRESS_TEXT];

	return json_string(packet_address_text(a, text));
}

static json_t *
text_json(const char *text)
{
	return text != NULL ? output_string(span_str(text)) : json_null();
}

/* --- JSON --- */

static json_t *
file_json(const struct captured_file *f)
{
	bool refused = f->answer == CAPTURED_REFUSED;

	return json_pack("{s:o, s:s, s:o, s:i, s:s, s:o, s:o, s:I}", "name", text_json(f->name),
	    "via", f->http ? "http" : "tftp", "server", address_json(&f->server), "asked",
	    (int)f->asked, "answer", captured_answer_name(f->answer), "code",
	    refused ? json_integer(f->code) : json_null(), "text",
	    refused && f->text[0] != '\0' ? text_json(f->text) : json_null(), "packet",
	    (json_int_t)f->packet);
}

static json_t *
alert_json(const struct captured_alert *a)
{
	static const char *const levels[] = { "encrypted", "warning", "fatal" };
	const char *name = tlsseen_alert_name(a->alert.description);
	unsigned level = a->alert.level;
	char number[16];

	snprintf(number, sizeof number, "alert %u", (unsigned)a->alert.description);
	return json_pack("{s:s, s:s, s:s, s:o, s:i}", "by", a->by_phone ? "phone" : "server",
	    "level", level < 3 ? levels[level] : "unknown", "name",
	    level == 0 ? "not visible" : (name != NULL ? name : number), "code",
	    level == 0 ? json_null() : json_integer(a->alert.description), "count", (int)a->count);
}

static json_t *
cert_json(const struct cert *c)
{
	json_t *o = certbrief(c);
	char *der = text_hex(cert_der(c));

	json_object_set_new(o, "der", json_string(der));
	free(der);
	return o;
}

static json_t *
side_json(const struct captured_side *side)
{
	return json_pack("{s:b, s:s, s:o, s:b}", "shown", side->sight == CAPTURED_SHOWN, "sight",
	    captured_sight_text(side->sight), "certificate",
	    side->cert != NULL ? cert_json(side->cert) : json_null(), "changed", side->changed);
}

static json_t *
server_json(const struct captured_server *s)
{
	unsigned known = s->established + s->refused;
	json_t *alerts = json_array(), *phone = side_json(&s->phone);

	for (size_t i = 0; i < s->alerts; i++)
		json_array_append_new(alerts, alert_json(&s->alert[i]));
	json_object_set_new(phone, "kind",
	    s->phone.cert == NULL ? json_null()
				  : json_string(captured_is_mic(s->phone.cert) ? "MIC" : "LSC"));
	return json_pack("{s:s, s:i, s:o, s:i, s:i, s:i, s:i, s:b, s:o, s:o, s:o, s:o, s:o, s:o, "
			 "s:I}",
	    "service", captured_service_name(s->service), "port",
	    (int)captured_service_port(s->service), "server", address_json(&s->address), "tries",
	    (int)s->tries, "established", (int)s->established, "refused", (int)s->refused,
	    "unanswered", (int)(s->tries > known ? s->tries - known : 0), "both_ways", s->both_ways,
	    "tls", text_json(tlsseen_version_name(s->version)), "server_side",
	    side_json(&s->server), "match", s->judged ? json_boolean(s->matches) : json_null(),
	    "match_reason", s->judged ? text_json(s->reason) : json_null(), "phone_side", phone,
	    "alerts", alerts, "packet", (json_int_t)s->packet);
}

static json_t *
name_json(const struct captured_name *n)
{
	static const struct {
		uint16_t number;
		const char *name;
	} types[] = { { 1, "A" }, { 28, "AAAA" }, { 33, "SRV" }, { 35, "NAPTR" }, { 12, "PTR" } };
	char type[16];

	snprintf(type, sizeof type, "type %u", (unsigned)n->type);
	for (size_t i = 0; i < sizeof types / sizeof types[0]; i++)
		if (types[i].number == n->type)
			snprintf(type, sizeof type, "%s", types[i].name);
	return json_pack("{s:o, s:s, s:i, s:s, s:o, s:I}", "name", text_json(n->name), "type", type,
	    "asked", (int)n->asked, "result", captured_resolution_text(n->resolution), "rcode",
	    n->resolution == CAPTURED_FAILED ? json_integer(n->rcode) : json_null(), "packet",
	    (json_int_t)n->packet);
}

json_t *
capturejson_phone(const struct captured_phone *phone)
{
	json_t *files = json_array(), *servers = json_array(), *names = json_array();

	for (size_t i = 0; i < phone->files; i++)
		json_array_append_new(files, file_json(&phone->file[i]));
	for (size_t i = 0; i < phone->servers; i++)
		json_array_append_new(servers, server_json(&phone->server[i]));
	for (size_t i = 0; i < phone->names; i++)
		json_array_append_new(names, name_json(&phone->name[i]));
	return json_pack("{s:o, s:o, s:o, s:o, s:I}", "address", address_json(&phone->address),
	    "files", files, "connections", servers, "names", names, "left_out",
	    (json_int_t)phone->left_out);
}

/* --- text --- */

static const struct output_column file_columns[] = {
	{ "FILE", "name" },
	{ "VIA", "via" },
	{ "SERVER", "server" },
	{ "ASKED", "asked" },
	{ "ANSWER", "answer" },
	{ "CODE", "code" },
	{ "TEXT", "text" },
	{ "PACKET", "packet" },
	{ 0 },
};

static const struct output_column name_columns[] = {
	{ "NAME", "name" },
	{ "TYPE", "type" },
	{ "ASKED", "asked" },
	{ "RESULT", "result" },
	{ "PACKET", "packet" },
	{ 0 },
};

static void
print_line(const char *label, const json_t *value)
{
	printf("    %s", label);
	output_clean(stdout, output_text(value));
	putchar('\n');
}

static void
print_side(const char *who, const json_t *side)
{
	const json_t *cert = json_object_get(side, "certificate"),
		     *kind = json_object_get(side, "kind");

	printf("  %s certificate: ", who);
	output_clean(stdout, output_text(json_object_get(side, "sight")));
	printf("%s%s%s\n", json_is_string(kind) ? ", " : "",
	    json_is_string(kind) ? json_string_value(kind) : "",
	    json_is_true(json_object_get(side, "changed")) ? ", another one before" : "");
	if (!json_is_object(cert))
		return;
	print_line("subject: ", json_object_get(cert, "subject"));
	print_line("issuer:  ", json_object_get(cert, "issuer"));
	print_line("serial:  ", json_object_get(cert, "serial"));
	print_line("SHA-256: ", json_object_get(cert, "sha256"));
}

static void
print_alerts(const json_t *alerts)
{
	for (size_t i = 0; i < json_array_size(alerts); i++) {
		const json_t *a = json_array_get(alerts, i);

		printf("  alert by the %s: %s, %s (%s times)\n",
		    output_text(json_object_get(a, "by")), output_text(json_object_get(a, "level")),
		    output_text(json_object_get(a, "name")),
		    output_text(json_object_get(a, "count")));
	}
}

static void
print_server(const json_t *s)
{
	printf("%s, %s port %s: tries %s, established %s, refused %s, not answered %s; data %s\n",
	    output_text(json_object_get(s, "service")), output_text(json_object_get(s, "server")),
	    output_text(json_object_get(s, "port")), output_text(json_object_get(s, "tries")),
	    output_text(json_object_get(s, "established")),
	    output_text(json_object_get(s, "refused")),
	    output_text(json_object_get(s, "unanswered")),
	    json_is_true(json_object_get(s, "both_ways")) ? "both ways" : "not both ways");
	print_alerts(json_object_get(s, "alerts"));
	if (!json_is_string(json_object_get(s, "tls")))
		return;
	printf("  %s\n", output_text(json_object_get(s, "tls")));
	print_side("server's", json_object_get(s, "server_side"));
	if (json_is_string(json_object_get(s, "match_reason")))
		printf("    in the list: %s: %s\n", output_text(json_object_get(s, "match")),
		    output_text(json_object_get(s, "match_reason")));
	print_side("phone's", json_object_get(s, "phone_side"));
}

void
capturejson_print(const json_t *phone)
{
	const json_t *servers = json_object_get(phone, "connections"),
		     *names = json_object_get(phone, "names");

	printf("Phone %s\n\n", output_text(json_object_get(phone, "address")));
	output_table(json_object_get(phone, "files"), file_columns);
	for (size_t i = 0; i < json_array_size(servers); i++) {
		putchar('\n');
		print_server(json_array_get(servers, i));
	}
	if (json_array_size(names) > 0) {
		putchar('\n');
		output_table(names, name_columns);
	}
	if (json_integer_value(json_object_get(phone, "left_out")) > 0)
		printf("\n%s further facts did not fit.\n",
		    output_text(json_object_get(phone, "left_out")));
}

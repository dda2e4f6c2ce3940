#include "rules/captured_internal.h"

#include "base/mem.h"
#include "base/text.h"
#include "wire/tftp.h"

#include <stdlib.h>

#define PORT_TFTP 69
#define PORT_DNS  53

static const struct {
	uint16_t port;
	const char *name;
} services[CAPTURED_SERVICES] = {
	[CAPTURED_HTTP] = { 6970, "files over HTTP" },
	[CAPTURED_HTTPS] = { 6971, "files over HTTPS" },
	[CAPTURED_TVS] = { 2445, "TVS" },
	[CAPTURED_CAPF] = { 3804, "CAPF" },
	[CAPTURED_SCCP] = { 2443, "SCCP over TLS" },
	[CAPTURED_SIP] = { 5061, "SIP over TLS" },
};

const char *
captured_answer_name(enum captured_answer a)
{
	static const char *const names[] = { "none", "given", "refused" };

	return names[a];
}

const char *
captured_service_name(enum captured_service s)
{
	return services[s].name;
}

uint16_t
captured_service_port(enum captured_service s)
{
	return services[s].port;
}

const char *
captured_sight_text(enum captured_sight s)
{
	static const char *const texts[] = {
		[CAPTURED_NOT_SHOWN] = "not shown",
		[CAPTURED_SHOWN] = "shown",
		[CAPTURED_EMPTY] = "asked for, and the phone has none",
		[CAPTURED_HIDDEN] = "not visible: TLS 1.3 encrypts it",
		[CAPTURED_RESUMED] = "not sent: a session was resumed",
		[CAPTURED_LOST] = "not complete: the capture lacks a part of the handshake",
		[CAPTURED_UNREADABLE] = "cannot be read",
	};

	return texts[s];
}

const char *
captured_resolution_text(enum captured_resolution r)
{
	static const char *const texts[] = {
		[CAPTURED_UNANSWERED] = "not answered",
		[CAPTURED_NO_NAME] = "no such name",
		[CAPTURED_NO_RECORD] = "no record of this type",
		[CAPTURED_FAILED] = "the server failed",
		[CAPTURED_RESOLVED] = "resolved",
	};

	return texts[r];
}

bool
captured_is_mic(const struct cert *c)
{
	static const char *const issuers[] = { "CN=Cisco Manufacturing CA", "CN=CAP-RTP-00" };

	for (size_t i = 0; i < sizeof issuers / sizeof issuers[0]; i++)
		if (strstr(cert_issuer_cucm(c), issuers[i]) != NULL)
			return true;
	return false;
}

struct captured *
captured_new(const struct captured_setup *setup)
{
	struct captured *c = mem_new(1, sizeof *c);

	c->setup = *setup;
	return c;
}

static void
phone_free(struct captured_phone *phone)
{
	for (size_t i = 0; i < phone->servers; i++) {
		cert_free(phone->server[i].server.cert);
		cert_free(phone->server[i].phone.cert);
	}
	free(phone);
}

void
captured_free(struct captured *c)
{
	if (c == NULL)
		return;
	captured_tcp_end(c);
	for (size_t i = 0; i < c->phones; i++)
		phone_free(c->phone[i]);
	free(c);
}

/* Whoever only asks for names may be anything. */
static bool
is_phone(const struct captured_phone *phone)
{
	return phone->files > 0 || phone->servers > 0;
}

/* A place for one more: a free one, else that of somebody who is no phone so far. */
static struct captured_phone **
place_for_one(struct captured *c)
{
	if (c->phones < CAPTURED_PHONES_MAX)
		return &c->phone[c->phones++];
	for (size_t i = 0; i < c->phones; i++)
		if (!is_phone(c->phone[i])) {
			phone_free(c->phone[i]);
			return &c->phone[i];
		}
	return NULL;
}

static struct captured_phone *
find_phone(struct captured *c, const struct packet_address *a)
{
	for (size_t i = 0; i < c->phones; i++)
		if (packet_address_eq(&c->phone[i]->address, a))
			return c->phone[i];
	return NULL;
}

struct captured_phone *
captured_phone_at(struct captured *c, const struct packet_address *a)
{
	struct captured_phone *found = find_phone(c, a), **place;

	if (found != NULL)
		return found;
	if (c->setup.only && !packet_address_eq(&c->setup.phone, a))
		return NULL;
	place = place_for_one(c);
	if (place == NULL) {
		c->packets_left_out++;
		return NULL;
	}
	*place = mem_new(1, sizeof **place);
	(*place)->address = *a;
	return *place;
}

/* --- files --- */

static struct captured_file *
find_file(struct captured_phone *phone, const char *name, bool http, const struct packet *p)
{
	for (size_t i = 0; i < phone->files; i++) {
		struct captured_file *f = &phone->file[i];

		if (f->http == http && packet_address_eq(&f->server, &p->to) &&
		    strcmp(f->name, name) == 0)
			return f;
	}
	return NULL;
}

struct captured_file *
captured_ask(struct captured_phone *phone, struct span name, bool http, const struct packet *p,
    size_t number)
{
	char text[CAPTURED_NAME_MAX];
	struct captured_file *f;

	text_printable(name, text, sizeof text);
	f = find_file(phone, text, http, p);
	if (f == NULL && phone->files == CAPTURED_FILES_MAX) {
		phone->left_out++;
		return NULL;
	}
	if (f == NULL) {
		f = &phone->file[phone->files++];
		*f = (struct captured_file){ .http = http, .server = p->to, .packet = number };
		memcpy(f->name, text, sizeof text);
	}
	f->asked++;
	f->answer = CAPTURED_SILENCE;
	f->code = 0;
	f->text[0] = '\0';
	f->last = number;
	f->port = p->from_port;
	return f;
}

/* The newest request that came from the port to which the answer goes; servers answer from ports
 * of their own. */
static struct captured_file *
find_asked(struct captured_phone *phone, const struct packet *p)
{
	struct captured_file *found = NULL;

	for (size_t i = 0; i < phone->files; i++) {
		struct captured_file *f = &phone->file[i];

		if (!f->http && f->port == p->to_port && packet_address_eq(&f->server, &p->from) &&
		    (found == NULL || f->last > found->last))
			found = f;
	}
	return found;
}

static void
tftp_request(struct captured *c, const struct packet *p, size_t number)
{
	struct captured_phone *phone;
	struct tftp_packet t;
	struct err e;

	if (!tftp_parse(p->payload, &t, &e) || t.opcode != TFTP_RRQ)
		return;
	phone = captured_phone_at(c, &p->from);
	if (phone != NULL)
		(void)captured_ask(phone, t.name, false, p, number);
}

static void
tftp_answer(struct captured *c, const struct packet *p)
{
	struct captured_phone *phone = find_phone(c, &p->to);
	struct captured_file *f = phone != NULL ? find_asked(phone, p) : NULL;
	struct tftp_packet t;
	struct err e;

	if (f == NULL || !tftp_parse(p->payload, &t, &e))
		return;
	if (t.opcode == TFTP_ERROR) {
		f->answer = CAPTURED_REFUSED;
		f->code = t.error;
		text_printable(t.message, f->text, sizeof f->text);
	} else if ((t.opcode == TFTP_DATA || t.opcode == TFTP_OACK) &&
		   f->answer == CAPTURED_SILENCE) {
		f->answer = CAPTURED_GIVEN;
	}
}

/* --- packets --- */

void
captured_packet(struct captured *c, const struct packet *p, size_t number)
{
	if (p->kind == PACKET_FRAGMENT)
		c->fragments++;
	else if (p->kind == PACKET_TCP)
		captured_tcp(c, p, number);
	else if (p->kind != PACKET_UDP)
		return;
	else if (p->to_port == PORT_TFTP)
		tftp_request(c, p, number);
	else if (p->to_port == PORT_DNS || p->from_port == PORT_DNS)
		captured_dns(c, p, number);
	else
		tftp_answer(c, p);
}

void
captured_end(struct captured *c)
{
	captured_tcp_end(c);
}

const struct captured_phone *
captured_phone(const struct captured *c, size_t index)
{
	for (size_t i = 0; i < c->phones; i++)
		if ((c->setup.only || is_phone(c->phone[i])) && index-- == 0)
			return c->phone[i];
	return NULL;
}

size_t
captured_packets_left_out(const struct captured *c)
{
	return c->packets_left_out;
}

size_t
captured_fragments(const struct captured *c)
{
	return c->fragments;
}

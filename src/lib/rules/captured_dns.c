#include "rules/captured_internal.h"

#include "base/text.h"

#include <arpa/nameser.h>
#include <limits.h>
#include <stdio.h>

static struct captured_name *
find_name(struct captured_phone *phone, const char *name, uint16_t type)
{
	for (size_t i = 0; i < phone->names; i++)
		if (phone->name[i].type == type && strcmp(phone->name[i].name, name) == 0)
			return &phone->name[i];
	return NULL;
}

static void
asked(struct captured_phone *phone, const char *name, uint16_t type, uint16_t id, size_t number)
{
	struct captured_name *n = find_name(phone, name, type);

	if (n == NULL && phone->names == CAPTURED_NAMES_MAX) {
		phone->left_out++;
		return;
	}
	if (n == NULL) {
		n = &phone->name[phone->names++];
		*n = (struct captured_name){ .type = type, .packet = number };
		snprintf(n->name, sizeof n->name, "%s", name);
	}
	/* A question that is repeated keeps the answer to its first copy. */
	if (n->asked++ == 0 || n->id != id)
		n->resolution = CAPTURED_UNANSWERED;
	n->id = id;
}

static void
answered(struct captured_name *n, unsigned rcode, unsigned records)
{
	if (rcode == ns_r_nxdomain)
		n->resolution = CAPTURED_NO_NAME;
	else if (rcode != ns_r_noerror)
		n->resolution = CAPTURED_FAILED;
	else
		n->resolution = records > 0 ? CAPTURED_RESOLVED : CAPTURED_NO_RECORD;
	n->rcode = (uint8_t)rcode;
}

void
captured_dns(struct captured *c, const struct packet *p, size_t number)
{
	char name[CAPTURED_NAME_MAX];
	struct captured_phone *phone;
	struct captured_name *n;
	bool answer;
	ns_msg m;
	ns_rr rr;

	if (p->payload.n > INT_MAX || p->missing > 0 ||
	    ns_initparse(p->payload.p, (int)p->payload.n, &m) != 0 ||
	    ns_parserr(&m, ns_s_qd, 0, &rr) != 0)
		return;
	answer = ns_msg_getflag(m, ns_f_qr) != 0;
	phone = captured_phone_at(c, answer ? &p->to : &p->from);
	if (phone == NULL)
		return;
	text_printable(span_str(ns_rr_name(rr)), name, sizeof name);
	if (!answer) {
		asked(phone, name, (uint16_t)ns_rr_type(rr), ns_msg_id(m), number);
		return;
	}
	n = find_name(phone, name, (uint16_t)ns_rr_type(rr));
	if (n != NULL && n->id == ns_msg_id(m))
		answered(n, (unsigned)ns_msg_getflag(m, ns_f_rcode), ns_msg_count(m, ns_s_an));
}

#include "diagnosis_rig.h"

#include <stdio.h>

void
rig_init(struct rig *r)
{
	struct device d = { "SEP001122334455" };

	*r = (struct rig){ .phone = phone_new(&d, PHONE_ADDED) };
	r->phone.last_seen = NOW - HOUR;
	r->phone.operation_changed = NOW - 2 * HOUR;
	snprintf(r->phone.lsc_serial, sizeof r->phone.lsc_serial, "4d2a");
	r->phone.lsc_not_after = NOW + HOUR;
	snprintf(r->model.name, sizeof r->model.name, "8861");
	snprintf(r->model.cell[MODELTABLE_ENCRYPTED_CONFIG].value, MODELTABLE_CELL_MAX, "yes");
	r->handed[0] = (struct diagnosis_handed){ "ITL", 3, true, true, "pub", "192.0.2.7",
		NOW - 2 * HOUR, NOW - HOUR };
	r->facts = (struct diagnosis_facts){ .now = NOW,
		.phone = { .record = &r->phone,
		    .model = &r->model,
		    .gets_lists = true,
		    .handed = r->handed,
		    .handed_count = 1,
		    .config_at = NOW - HOUR,
		    .config_form = "signed",
		    .config_address = "192.0.2.7",
		    .contact = { .is_known = true } },
		.cluster = { .tftp = true,
		    .tvs = true,
		    .capf = true,
		    .node = "pub",
		    .itl = { .is_there = true, .size = 5000, .has_capf = true },
		    .auth_string_tries = 5 },
		.console = { .event = r->event } };
}

static void
on_found(void *arg, const struct diagnosis_finding *f)
{
	struct rig *r = arg;

	r->found++;
	r->last = *f;
	assert_true(f->evidence_count > 0);
	for (size_t i = 0; i < f->evidence_count; i++)
		assert_string_not_equal(f->evidence[i], "");
	assert_string_not_equal(f->cause, "");
	assert_string_not_equal(f->fix, "");
}

void
rig_judge(struct rig *r)
{
	r->found = 0;
	diagnosis_judge(&r->facts, on_found, r);
}

void
rig_console(struct rig *r, const char *text)
{
	struct consolelog l = consolelog_open(span_str(text));

	while (r->facts.console.count < EVENTS_MAX &&
	       consolelog_next(&l, &r->event[r->facts.console.count]))
		r->facts.console.count++;
}

void
rig_pending(struct rig *r)
{
	r->phone.operation = PHONE_OPERATION_INSTALL;
	snprintf(r->phone.operation_status, sizeof r->phone.operation_status, "Operation Pending");
	r->facts.phone.attempt_at = NOW - HOUR;
	r->facts.phone.attempt_step = "key-generation";
}

void
rig_held(struct rig *r)
{
	r->facts.lists.itl = (struct diagnosis_held){ .is_given = true,
		.has_capf = true,
		.size = 5000,
		.signer = "CN=ITLRECOVERY_pub",
		.version = 3,
		.kind = "ITL",
		.is_current = true };
	r->facts.lists.is_booted = true;
	r->facts.lists.boot.itl.how = r->facts.lists.boot.config.how =
	    r->facts.lists.boot.capf.how = TRUST_BOOT_BY_RECORD;
}

void
rig_foreign_by_handshake(struct rig *r)
{
	r->facts.phone.contact.https_at = NOW - HOUR;
	r->facts.phone.contact.https = "tlsv1 alert unknown ca";
}

void
rig_tvs_alert(struct rig *r)
{
	r->facts.phone.contact.alert_at = NOW - HOUR;
	r->facts.phone.contact.alert = "no shared cipher";
}

void
rig_tvs_unknown(struct rig *r)
{
	r->facts.phone.contact.question_at = NOW - HOUR;
	r->facts.phone.contact.is_known = false;
	r->facts.phone.contact.certificate = "CN=tomcat";
}

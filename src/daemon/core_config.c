#include "daemon/core_config.h"

#include "base/log.h"
#include "base/text.h"
#include "daemon/core_digest.h"
#include "daemon/core_folder.h"
#include "daemon/core_goods.h"
#include "daemon/core_wish.h"
#include "daemon/template_find.h"
#include "rules/phonecfg.h"
#include "rules/phonecfg_moulds.h"
#include "rules/templates.h"

#include <stdio.h>
#include <stdlib.h>

/* The administrator's XML. */
struct source {
	struct bytes xml;
	bool found, is_template;
	char what[CORE_CONFIG_SOURCE_MAX]; /* for people */
};

/* A whole configuration, or why there is none. */
struct outcome {
	struct source source;
	struct bytes full;
	char version[PHONE_TEXT_MAX]; /* its versionStamp */
	bool found;
	char fault[ERR_TEXT_MAX];
	time_t good_at; /* with a fault: when full was built */
};

/* Faults that whoever wrote the file or the template can mend; all others are ours. */
static bool
is_fault_of_source(const struct err *e)
{
	return e->code == ERR_MALFORMED || e->code == ERR_REFUSED || e->code == ERR_LIMIT ||
	       e->code == ERR_UNKNOWN;
}

/* --- where it comes from --- */

static bool
read_file(
    struct core *c, const char *name, struct folder_file *own, struct source *out, struct err *e)
{
	out->found = true;
	snprintf(out->what, sizeof out->what, "file %s", name);
	return core_source_read(c, own, &out->xml, e);
}

struct choice {
	struct core *core;
	struct source *out;
};

static void
take_template(const struct choice *ch, struct store_template *t, const char *whose)
{
	*ch->out = (struct source){ .xml = t->xml, .found = true, .is_template = true };
	snprintf(ch->out->what, sizeof ch->out->what, "template %s, %s", t->name, whose);
}

static bool
named_template(const struct choice *ch, const char *name, const char *whose, struct err *e)
{
	struct template_found f;

	snprintf(ch->out->what, sizeof ch->out->what, "template %s, %s", name, whose);
	if (!template_find(cluster_store(ch->core->cluster), name, &f, e))
		return e->code == ERR_UNKNOWN ? err_set(e, ERR_UNKNOWN, "there is no such template")
					      : false;
	take_template(ch, &f.t, whose);
	return true;
}

static bool
note_value(void *arg, const char *key, const char *value)
{
	(void)key, (void)value;
	*(bool *)arg = true;
	return false;
}

/* One that the program brings along, for a phone whose record has something to fill it with: others
 * are meant to find XMLDefault.cnf.xml. */
static bool
builtin_template(
    const struct choice *ch, const struct core_subject *s, const char *family, struct err *e)
{
	const char *device = s->phone.device.name;
	struct template_builtin b;
	bool has_values = false;

	if (!templates_for_family(family, &b)) {
		snprintf(ch->out->what, sizeof ch->out->what,
		    "no file %s.cnf.xml, and no template of its own or for model %s", device,
		    s->phone.model);
		return true;
	}
	if (!store_phone_value_each(
		cluster_store(ch->core->cluster), device, note_value, &has_values, e))
		return false;
	if (has_values)
		return named_template(ch, b.name, "that of its family", e);
	snprintf(ch->out->what, sizeof ch->out->what,
	    "no file %s.cnf.xml, no template of its own, and no values (phone set NAME --value "
	    "KEY=VALUE) for template %s",
	    device, b.name);
	return true;
}

static bool
model_template(const struct choice *ch, const struct core_subject *s, struct err *e)
{
	const struct model *m = s->facts.model;
	const char *model = m != NULL ? m->name : s->phone.model;
	const char *family = m != NULL ? m->cell[MODELTABLE_FAMILY].value : "";
	struct store_template t = { 0 };
	bool found;

	if (*model == '\0') {
		snprintf(ch->out->what, sizeof ch->out->what,
		    "no file %s.cnf.xml, no template of its own, and its model is not known",
		    s->phone.device.name);
		return true;
	}
	if (!store_template_of_model(
		cluster_store(ch->core->cluster), model, family, &t, &found, e))
		return false;
	if (!found)
		return builtin_template(ch, s, family, e);
	take_template(
	    ch, &t, strcmp(t.model, model) == 0 ? "that of its model" : "that of its family");
	return true;
}

/* Its own, else that of its group, its model, its family. */
static bool
read_template(struct core *c, const struct core_subject *s, struct source *out, struct err *e)
{
	const struct choice ch = { c, out };

	if (!s->is_added) {
		snprintf(out->what, sizeof out->what,
		    "no file %s.cnf.xml, and only phones that were added get a template",
		    s->phone.device.name);
		return true;
	}
	if (s->phone.template[0] != '\0')
		return named_template(&ch, s->phone.template, "its own", e);
	if (s->has_group && s->group.template[0] != '\0')
		return named_template(&ch, s->group.template, "that of its group", e);
	return model_template(&ch, s, e);
}

/* --- building --- */

static bool
build_new(struct core *c, const struct core_subject *s, const char *name, struct folder_file *own,
    struct outcome *out, struct err *e)
{
	struct source *source = &out->source;
	struct core_wish wish;

	if (core_source_is_there(own) ? !read_file(c, name, own, source, e)
				      : s != NULL && !read_template(c, s, source, e))
		return false;
	if (!source->found)
		return true;
	if (!core_wish_fill(c, s, source->is_template, &wish, e))
		return false;
	out->found = phonecfg_moulds_build(
	    c->moulds, bytes_span(&source->xml), &wish.wish, &out->full, out->version, e);
	core_wish_free(&wish);
	if (wish.lookup.code != ERR_NONE)
		*e = wish.lookup;
	return out->found;
}

static void
outcome_free(struct outcome *out)
{
	bytes_free(&out->source.xml);
	bytes_free(&out->full);
}

static bool
take_last_good(struct core *c, const char *name, struct outcome *out, struct err *e)
{
	return core_goods_get(c->goods, name, &out->full, &out->good_at, &out->found, e) &&
	       (!out->found ||
		   phonecfg_version(bytes_span(&out->full), out->version, sizeof out->version, e));
}

/* A new one, else the last good one. Says and changes nothing. */
static bool
build(struct core *c, const struct core_subject *s, const char *name, struct folder_file *own,
    struct outcome *out, struct err *e)
{
	struct err why = { 0 };

	*out = (struct outcome){ 0 };
	if (build_new(c, s, name, own, out, &why))
		return true;
	if (is_fault_of_source(&why)) {
		snprintf(out->fault, sizeof out->fault, "%.*s: %s",
		    (int)strcspn(out->source.what, ","), out->source.what, why.text);
		if (take_last_good(c, name, out, e))
			return true;
	} else {
		*e = why;
	}
	outcome_free(out);
	return err_in(e, "%s", name);
}

/* --- forms --- */

static enum provision_form
form_of(const struct core_subject *s, const struct fname *name, bool is_bare)
{
	if (s != NULL)
		return provision_form(&s->facts, name, is_bare);
	if (name->is_encrypted)
		return PROVISION_ABSENT;
	return name->is_signed && !is_bare ? PROVISION_SIGNED : PROVISION_PLAIN;
}

static bool
take_form(
    const struct core_subject *s, struct outcome *from, struct core_config *out, struct err *e)
{
	char hash[PROVISION_HASH_MAX] = "";

	if (out->form == PROVISION_ENCRYPTED)
		out->recipient = cert_ref(s->recipient);
	if (out->form == PROVISION_STUB || out->form == PROVISION_STUB_SIGNED) {
		if (s->recipient != NULL)
			provision_cert_hash(s->recipient, hash);
		return phonecfg_stub(bytes_span(&from->full), hash, &out->xml, e);
	}
	out->xml = from->full;
	from->full = (struct bytes){ 0 };
	return true;
}

/* Remembers how it went, for the next time that it goes worse. */
static void
note(struct core *c, const char *name, const struct outcome *o)
{
	if (o->fault[0] != '\0')
		core_goods_fault(c->goods, name, o->fault);
	else if (o->found)
		core_goods_built(c->goods, name, bytes_span(&o->full), core_now());
}

struct making {
	struct core *core;
	const struct core_wanted *wanted;
	struct folder_file *own;
	struct core_subject loaded;
	const struct core_subject *subject; /* NULL: it is nobody's */
	struct outcome outcome;
	struct core_config *out;
};

static bool
look_and_build(struct store *s, void *arg, struct err *e)
{
	struct making *m = arg;
	const struct fname *name = &m->wanted->name;
	struct core *c = m->core;

	(void)s;
	if (name->has_device) {
		if (!core_subject_load(c, &name->device, &m->loaded, e))
			return false;
		m->subject = &m->loaded;
	}
	m->out->form = form_of(m->subject, name, m->wanted->is_bare);
	if (m->out->form == PROVISION_ABSENT)
		return true;
	m->out->digest = m->subject != NULL ? core_digest_of_model(c, m->subject->phone.model)
					    : core_digest_shared(c);
	return build(c, m->subject, name->plain, m->own, &m->outcome, e);
}

static bool
give(struct making *m, struct err *e)
{
	struct outcome *o = &m->outcome;

	note(m->core, m->wanted->name.plain, o);
	memcpy(m->out->fault, o->fault, sizeof o->fault);
	memcpy(m->out->version, o->version, sizeof o->version);
	if (!o->found)
		m->out->form = PROVISION_ABSENT;
	return !o->found || take_form(m->subject, o, m->out, e);
}

bool
core_config_make(struct core *c, const struct core_wanted *wanted, struct folder_file *own,
    struct core_config *out, struct err *e)
{
	struct making m = { .core = c, .wanted = wanted, .own = own, .out = out };
	bool ok;

	*out = (struct core_config){ 0 };
	ok = store_view(cluster_store(c->cluster), look_and_build, &m, e) &&
	     (out->form == PROVISION_ABSENT || give(&m, e));
	outcome_free(&m.outcome);
	core_subject_free(&m.loaded);
	return ok;
}

void
core_config_free(struct core_config *m)
{
	bytes_free(&m->xml);
	cert_free(m->recipient);
	m->recipient = NULL;
}

/* --- for an administrator --- */

static void
explain_recipient(const struct core_subject *s, struct core_config_view *out)
{
	char *serial;

	snprintf(out->reason, sizeof out->reason, "%s", s->reason);
	if (s->recipient == NULL)
		return;
	serial = text_hex(cert_serial(s->recipient));
	snprintf(out->recipient, sizeof out->recipient, "%s %.100s",
	    s->recipient == s->lsc ? "LSC" : "MIC", serial);
	free(serial);
}

static bool
explain_build(struct core *c, const struct core_subject *s, const char *name,
    struct core_config_view *out, struct err *e)
{
	struct folder_file own;
	struct outcome o;
	bool ok;

	if (!folder_open(core_folder_files(c->folder), name, &own, e))
		return false;
	ok = build(c, s, name, &own, &o, e);
	folder_close(&own);
	if (!ok)
		return false;
	snprintf(out->source, sizeof out->source, "%s", o.source.what);
	snprintf(out->fault, sizeof out->fault, "%s", o.fault);
	memcpy(out->version, o.version, sizeof out->version);
	out->good_at = o.good_at;
	if (!o.found)
		out->form = PROVISION_ABSENT;
	outcome_free(&o);
	return true;
}

bool
core_config_explain(
    struct core *c, const struct device *d, struct core_config_view *out, struct err *e)
{
	char file[DEVICE_NAME_MAX + 16];
	struct core_subject s;
	struct err why = { 0 };
	bool ok;

	*out = (struct core_config_view){ 0 };
	if (!core_subject_load(c, d, &s, &why)) {
		if (!is_fault_of_source(&why))
			return err_set(e, why.code, "%s", why.text);
		snprintf(out->fault, sizeof out->fault, "%s", why.text);
		return true;
	}
	explain_recipient(&s, out);
	out->form = !s.profile.encrypted_config ? PROVISION_SIGNED
		    : s.recipient != NULL       ? PROVISION_ENCRYPTED
						: PROVISION_STUB_SIGNED;
	snprintf(file, sizeof file, "%s.cnf.xml", d->name);
	ok = explain_build(c, &s, file, out, e);
	core_subject_free(&s);
	return ok;
}

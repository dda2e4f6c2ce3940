#include "admin/bulkfiles.h"
#include "admin/bulkimport.h"
#include "admin/client.h"
#include "admin/cmd_plan.h"
#include "admin/output.h"
#include "admin/sides.h"

#include "base/text.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* --- what the daemon is asked --- */

static void
put_list(json_t *args, const char *name, const struct bytes *file)
{
	char *hex = text_hex(bytes_span(file));

	json_object_set_new(args, name, json_string(hex));
	free(hex);
}

/* Those that sign, as migrate import would put them where TVS speaks for them. */
static json_t *
signers_of(const struct bulkfiles *b)
{
	json_t *all = json_array();

	for (size_t i = 0; i < b->count; i++) {
		char *pem;

		if (b->item[i].cert == NULL || (b->item[i].type != BULKCERT_CALLMANAGER &&
						   b->item[i].type != BULKCERT_ITLRECOVERY))
			continue;
		pem = cert_to_pem(b->item[i].cert);
		json_array_append_new(all, json_string(pem));
		free(pem);
	}
	return all;
}

/* What cannot be used would be missing in the plan without a word. */
static bool
all_usable(const struct bulkfiles *b, struct err *e)
{
	for (size_t i = 0; i < b->count; i++)
		if (b->item[i].cert == NULL)
			return err_set(
			    e, ERR_MALFORMED, "%s: %s", b->item[i].source, b->item[i].fault);
	return true;
}

static bool
put_certs(struct invocation *in, json_t *args, struct err *e)
{
	const char *path = invocation_option(in, "certs");
	struct bulkfiles b = { 0 };
	struct bytes passphrase;
	bool ok;

	if (path == NULL)
		return true;
	ok = bulkimport_passphrase(in, &passphrase, e) &&
	     bulkfiles_read(path, bytes_span(&passphrase), NULL, &b, e) && all_usable(&b, e);
	if (ok)
		json_object_set_new(args, "certificates", signers_of(&b));
	bulkfiles_free(&b);
	bytes_wipe(&passphrase);
	return ok;
}

/* --- for people --- */

static void
print_texts(const char *title, const json_t *texts)
{
	size_t i;
	json_t *one;

	if (json_array_size(texts) > 0)
		puts(title);
	json_array_foreach((json_t *)(uintptr_t)texts, i, one)
	{
		printf("%3zu. ", i + 1);
		output_clean(stdout, json_string_value(one));
		putchar('\n');
	}
}

static const struct output_column vouched_columns[] = { { "SIGNS", "signs" },
	{ "SUBJECT", "subject" }, { "VOUCHED FOR HERE", "vouched" }, { "SHA256", "sha256" },
	{ 0 } };

static bool
tell_leaving(struct invocation *in, const struct sides *s, const json_t *plan, struct err *e)
{
	bool ok;

	if (in->json || in->sheet)
		return plan_print(in, plan, e);
	printf("Who signs for %s\n", s->other);
	output_table(json_object_get(plan, "signers"), vouched_columns);
	putchar('\n');
	ok = plan_print(in, plan, e);
	if (json_integer_value(json_object_get(plan, "cut_off")) == 0)
		print_texts("In these steps:", json_object_get(plan, "steps"));
	return ok;
}

static void
print_coming(const struct sides *s, const json_t *plan)
{
	static const struct output_column our_columns[] = { { "SIGNS", "signs" },
		{ "SUBJECT", "subject" }, { "KNOWN BY RECORD", "known" }, { "SHA256", "sha256" },
		{ 0 } };

	printf("%-12s phones of %s that hold this list (%lld are expected here)\n    ",
	    output_text(json_object_get(plan, "outcome")), s->other,
	    (long long)json_integer_value(json_object_get(plan, "expected")));
	output_clean(stdout, output_text(json_object_get(plan, "reason")));
	printf("\n\nWho signs here: what is not known by record is to be imported there\n");
	output_table(json_object_get(plan, "ours"), our_columns);
	printf("\nWho signs there: our TVS must speak for them before a phone can go back\n");
	output_table(json_object_get(plan, "back"), vouched_columns);
	putchar('\n');
	print_texts("TVS servers that its list names:", json_object_get(plan, "tvs"));
	print_texts("In these steps:", json_object_get(plan, "steps"));
}

/* How many phones are expected from that cluster (migrate move). */
static bool
put_expected(struct invocation *in, json_t *plan, const char *from, struct err *e)
{
	json_t *args = json_pack("{s:s}", "from", from), *page;
	json_int_t count = 0;
	bool ok;

	do {
		ok = client_call(in, "migrate/progress", json_incref(args), &page, e);
		if (!ok)
			break;
		count += (json_int_t)json_array_size(json_object_get(page, "phones"));
		json_object_set(args, "after", json_object_get(page, "next"));
		json_decref(page);
	} while (json_is_string(json_object_get(args, "after")));
	json_decref(args);
	json_object_set_new(plan, "expected", json_integer(count));
	return ok;
}

static bool
tell_coming(struct invocation *in, const struct sides *s, const json_t *plan, struct err *e)
{
	in->planned = true;
	if (in->json)
		output_json(plan);
	else
		print_coming(s, plan);
	if (json_integer_value(json_object_get(plan, "cut_off")) == 0)
		return true;
	in->cuts_off = true;
	return err_set(e, ERR_REFUSED, "phones of %s would be cut off", s->other);
}

bool
run_plan_migrate(struct invocation *in, struct err *e)
{
	json_t *args = json_object(), *plan = NULL;
	struct sides s;
	bool ok;

	if (!sides_open(in, &s, e)) {
		json_decref(args);
		return false;
	}
	put_list(args, "itl", &s.them.itl);
	put_list(args, "ctl", &s.them.ctl);
	if (!s.from)
		json_object_set_new(args, "names", json_boolean(invocation_names(in)));
	ok = put_certs(in, args, e) &&
	     client_call(in, s.from ? "plan/arrive" : "plan/leave", json_incref(args), &plan, e);
	if (ok)
		json_object_set_new(plan, s.from ? "from" : "to", json_string(s.other));
	ok = ok && (!s.from || put_expected(in, plan, s.other, e)) &&
	     (s.from ? tell_coming(in, &s, plan, e) : tell_leaving(in, &s, plan, e));
	json_decref(plan);
	json_decref(args);
	sides_free(&s);
	return ok;
}

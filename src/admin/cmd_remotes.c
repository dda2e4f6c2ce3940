/* Other clusters' servers, which are asked for what is not here. */
#include "admin/answer.h"
#include "admin/remotecheck.h"

#include "base/text.h"

#include <string.h>

#define ADDRESSES_MAX 3 /* of one remote; the daemon judges */
#define HTTP_PORT     6970
#define TFTP_PORT     69

static const char *const remote_fields[] = { "name", "position", "via", "addresses", NULL };

static const struct output_column remote_columns[] = {
	{ "POSITION", "position" },
	{ "NAME", "name" },
	{ "VIA", "via" },
	{ "ADDRESSES", "addresses" },
	{ 0 },
};

/* --- add --- */

static bool
pass_number(
    struct invocation *in, json_t *args, const char *option, unsigned long max, struct err *e)
{
	const char *text = invocation_option(in, option);
	unsigned long number;

	if (text == NULL)
		return true;
	if (!text_number(text, 1, max, &number))
		return invocation_usage(in, e, "--%s takes a number from 1 to %lu", option, max);
	json_object_set_new(args, option, json_integer((json_int_t)number));
	return true;
}

static bool
remote_arguments(struct invocation *in, json_t *args, struct err *e)
{
	const char *via = invocation_option(in, "via");
	json_t *addresses = json_array();

	json_object_set_new(args, "addresses", addresses);
	for (size_t i = 1; i < in->words; i++)
		if (json_array_append_new(addresses, json_string(in->word[i])) != 0)
			return err_set(e, ERR_MALFORMED, "an address is not UTF-8");
	if (via != NULL && strcmp(via, "http") != 0 && strcmp(via, "tftp") != 0)
		return invocation_usage(in, e, "--via takes http or tftp");
	return json_object_set_new(args, "name", json_string(in->word[0])) == 0
		   ? answer_pass(args, "via", via, e) && pass_number(in, args, "port", 65535, e) &&
			 pass_number(in, args, "position", 1000, e)
		   : err_set(e, ERR_MALFORMED, "the name is not UTF-8");
}

/* The daemon finds nothing wrong with the words. */
static bool
would_be_added(struct invocation *in, const json_t *args, struct err *e)
{
	json_t *dry = json_deep_copy(args), *result;

	json_object_set_new(dry, "dry_run", json_true());
	if (!client_call(in, "remote/add", dry, &result, e))
		return false;
	json_decref(result);
	return true;
}

/* The daemon talks to no network, so it is looked from here whether that cluster signs its files.
 */
static bool
is_secure_by_default(struct invocation *in, const json_t *args, struct err *e)
{
	const char *address[ADDRESSES_MAX];
	struct remotecheck check = { .address = address,
		.tftp = strcmp(output_text(json_object_get(args, "via")), "tftp") == 0,
		.phone = invocation_option(in, "phone") };
	const json_t *port = json_object_get(args, "port");

	for (size_t i = 1; i < in->words && check.count < ADDRESSES_MAX; i++)
		address[check.count++] = in->word[i];
	check.port = port != NULL ? (unsigned)json_integer_value(port)
		     : check.tftp ? TFTP_PORT
				  : HTTP_PORT;
	return remotecheck_run(&check, e) || err_in(e, "remote %s", in->word[0]);
}

bool
run_remote_add(struct invocation *in, struct err *e)
{
	bool is_checked = invocation_option(in, "no-check") == NULL;
	json_t *args = json_object();

	if (!remote_arguments(in, args, e) ||
	    (is_checked && (!would_be_added(in, args, e) || !is_secure_by_default(in, args, e)))) {
		json_decref(args);
		return false;
	}
	return answer_fields(in, "remote/add", args, remote_fields, e);
}

/* --- list and delete --- */

bool
run_remote_list(struct invocation *in, struct err *e)
{
	return answer_table(in, "remote/list", json_object(), remote_columns, e);
}

bool
run_remote_delete(struct invocation *in, struct err *e)
{
	return answer_quiet(in, "remote/delete", answer_word(in, "name"), e);
}

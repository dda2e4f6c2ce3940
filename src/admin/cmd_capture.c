#include "admin/capturefile.h"
#include "admin/capturejson.h"
#include "admin/heldlist.h"
#include "admin/output.h"

#include <stdio.h>

static json_t *
reading_json(const struct capturefile *r)
{
	json_t *phones = json_array();
	const struct captured_phone *phone;

	for (size_t i = 0; (phone = captured_phone(r->facts, i)) != NULL; i++)
		json_array_append_new(phones, capturejson_phone(phone));
	return json_pack("{s:I, s:I, s:o, s:I, s:I, s:o}", "packets", (json_int_t)r->packets,
	    "malformed", (json_int_t)r->malformed, "first_malformed",
	    r->malformed > 0 ? json_pack("{s:I, s:o}", "packet", (json_int_t)r->first_malformed,
				   "reason", output_string(span_str(r->why.text)))
			     : json_null(),
	    "fragments", (json_int_t)captured_fragments(r->facts), "packets_left_out",
	    (json_int_t)captured_packets_left_out(r->facts), "phones", phones);
}

static void
print_reading(const struct capturefile *r, const json_t *o)
{
	const json_t *phones = json_object_get(o, "phones");

	printf("%zu packets, %zu malformed, %zu parts of packets that were not put together\n",
	    r->packets, r->malformed, captured_fragments(r->facts));
	if (r->malformed > 0)
		printf("packet %zu: %s\n", r->first_malformed, r->why.text);
	if (captured_packets_left_out(r->facts) > 0)
		printf("not all phones are shown: choose one with --phone ADDRESS\n");
	if (json_array_size(phones) == 0)
		puts("No phone asked for anything.");
	for (size_t i = 0; i < json_array_size(phones); i++) {
		putchar('\n');
		capturejson_print(json_array_get(phones, i));
	}
}

static bool
read_and_print(struct invocation *in, const struct captured_setup *setup, struct err *e)
{
	struct capturefile r;
	bool ok = capturefile_read(in->word[0], setup, &r, e);
	json_t *o;

	if (ok || r.packets > 0) {
		o = reading_json(&r);
		if (in->json)
			output_json(o);
		else
			print_reading(&r, o);
		json_decref(o);
	}
	capturefile_free(&r);
	return ok;
}

bool
run_capture(struct invocation *in, struct err *e)
{
	const char *address = invocation_option(in, "phone");
	struct captured_setup setup = { .only = address != NULL };
	struct heldlist held = { 0 };
	struct trust_eval_state phone;
	bool ok = (address == NULL || packet_address_parse(address, &setup.phone, e)) &&
		  heldlist_read(in, false, &held, e);

	if (ok) {
		phone = heldlist_phone(&held);
		setup.held = held.is_there ? &phone : NULL;
		ok = read_and_print(in, &setup, e);
	}
	heldlist_free(&held);
	return ok;
}

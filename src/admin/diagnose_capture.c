#include "admin/diagnose_capture.h"

#include "admin/capturefile.h"
#include "admin/capturejson.h"
#include "base/device.h"

#include <string.h>

static bool
asked_for(const struct captured_phone *phone, const char *name)
{
	for (size_t i = 0; i < phone->files; i++)
		if (strstr(phone->file[i].name, name) != NULL)
			return true;
	return false;
}

/* The phone in question; NULL with an error. */
static const struct captured_phone *
choose(const struct capturefile *f, const struct invocation *in, struct err *e)
{
	const char *path = invocation_option(in, "capture");
	const char *address = invocation_option(in, "address");
	const struct captured_phone *phone, *first = captured_phone(f->facts, 0);
	struct device d;
	size_t count = 0;

	if (!device_parse(span_str(in->word[0]), &d, e))
		return NULL;
	if (first == NULL) {
		err_set(e, ERR_UNKNOWN, "%s: no phone%s%s asked for anything", path,
		    address != NULL ? " of the address " : "", address != NULL ? address : "");
		return NULL;
	}
	for (; address == NULL && (phone = captured_phone(f->facts, count)) != NULL; count++)
		if (asked_for(phone, d.name))
			return phone;
	if (count <= 1)
		return first;
	err_set(e, ERR_UNKNOWN,
	    "%s: none of %zu phones asked for a file by the name of %s; --address chooses one",
	    path, count, d.name);
	return NULL;
}

static bool
take(const struct capturefile *f, const struct invocation *in, const char *fault, json_t *args,
    json_t **note, struct err *e)
{
	const struct captured_phone *phone = choose(f, in, e);
	char address[PACKET_ADDRESS_TEXT];

	if (phone == NULL)
		return false;
	json_object_set_new(args, "capture", capturejson_phone(phone));
	*note =
	    json_pack("{s:s, s:I, s:s?}", "address", packet_address_text(&phone->address, address),
		"packets", (json_int_t)f->packets, "fault", fault);
	return true;
}

bool
diagnose_capture(const struct invocation *in, json_t *args, json_t **note, struct err *e)
{
	const char *path = invocation_option(in, "capture");
	const char *address = invocation_option(in, "address");
	struct captured_setup setup = { .only = address != NULL };
	struct capturefile f;
	struct err cut;
	bool whole, ok;

	*note = NULL;
	if (path == NULL)
		return address == NULL ||
		       err_set(e, ERR_MALFORMED, "--address chooses a phone of --capture FILE");
	if (address != NULL && !packet_address_parse(address, &setup.phone, e))
		return false;
	whole = capturefile_read(path, &setup, &f, &cut);
	if (!whole && f.packets == 0) {
		*e = cut;
		ok = false;
	} else {
		ok = take(&f, in, whole ? NULL : cut.text, args, note, e);
	}
	capturefile_free(&f);
	return ok;
}

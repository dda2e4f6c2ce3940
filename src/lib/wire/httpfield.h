/*
 * httpfield: what evhttp leaves to us of a request for a file: which file its target names, which
 * part of it is wanted, and whether it is wanted at all (RFC 9110, RFC 9112, RFC 3986).
 *
 * A field that breaks its grammar matches nothing, so that the asker gets the whole file.
 */
#ifndef WIRE_HTTPFIELD_H
#define WIRE_HTTPFIELD_H

#include "base/span.h"
#include "base/wr.h"

/* A name that a field may have (RFC 9110 5.1, 5.6.2). */
bool httpfield_is_name(struct span name);

/* The value of Content-Length: digits alone (RFC 9110 8.6); a number past 64 bits is the largest
 * there is. */
must_use bool httpfield_length(struct span value, uint64_t *out);

/* The fields of one request, each as it was sent: loans. p is NULL where there is none. */
struct httpfield_wish {
	struct span if_match, if_unmodified_since, if_none_match, if_modified_since;
	struct span range, if_range;
};

/* Keeps a field that is one of those. One that comes twice matches nothing: they are single, or
 * lists that nobody splits. Names are compared without case (RFC 9110 5.1). */
void httpfield_note(struct httpfield_wish *w, const char *name, const char *value);

/* What there is. */
struct httpfield_file {
	struct span etag; /* without quotes; empty: none. Strong: RFC 9110 8.8.3 */
	int64_t modified; /* seconds since 1970; 0: unknown */
	uint64_t size;
};

/* What to answer. */
struct httpfield_part {
	int status;             /* 200, 206, 304, 412, 416 */
	uint64_t first, length; /* 200 and 206: what to send */
};

/* Weighs the conditions in the order of RFC 9110 13.2.2, then the range (14.2), which only a GET
 * has. */
struct httpfield_part httpfield_weigh(
    const struct httpfield_wish *w, const struct httpfield_file *f, bool is_get);

/* One range of bytes, "bytes=a-b", "bytes=a-", "bytes=-n" (RFC 9110 14.1.2): 206 with the part that
 * exists, 416 when none does, 200 for the whole file when it is another unit, several ranges or not
 * a range. */
struct httpfield_part httpfield_range(struct span value, uint64_t size);

/* The etag is in a list of entity tags, or the list is "*" (RFC 9110 8.8.3.2). Weak tags count only
 * when weak is set. False for a list that breaks the grammar. */
bool httpfield_has_etag(struct span list, struct span etag, bool weak);

/* An IMF-fixdate, "Sun, 06 Nov 1994 08:49:37 GMT" (RFC 9110 5.6.7), as seconds since 1970. The two
 * obsolete forms are not taken. */
must_use bool httpfield_date(struct span text, int64_t *out);

#define HTTPFIELD_DATE 30 /* with the NUL */

/* The same the other way; a time before 1970 or after 9999 is written as the nearest within. */
void httpfield_date_print(int64_t t, char out[HTTPFIELD_DATE]);

/* The path that a request's target names, decoded once, with a NUL behind it: "/a%20b?c" gives
 * "/a b". Origin form, and absolute form of http and https (RFC 9112 3.2); percent-encoding by RFC
 * 3986 2.1. False for another form, a '%' that encodes nothing or NUL, and a control byte, space or
 * '#' that is not encoded. out is reset first; what does not fit into it is refused. */
must_use bool httpfield_path(struct span target, struct wr *out);

#endif

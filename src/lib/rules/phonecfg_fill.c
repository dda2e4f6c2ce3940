#include "rules/phonecfg_fill.h"

#include "base/text.h"
#include "base/wr.h"
#include "rules/phonecfg_xml.h"

#include <libxml/tree.h>

#include <stdlib.h>

#define KEY_SHOWN 48
#define DEPTH_MAX 4
#define OPEN      "{{"
#define CLOSE     "}}"

/* A document being filled. */
struct fill {
	phonecfg_lookup *lookup;
	void *arg;
	size_t left;          /* bytes that may still be put in */
	size_t in_attributes; /* texts of attributes that were filled */
};

/* One text being filled. */
struct place {
	const xmlNode *node; /* the text */
	const xmlNode *in;   /* the element that it, or its attribute, is in */
	const char *text;    /* whole */
};

static size_t
lines_between(const char *from, const char *to)
{
	size_t n = 0;

	for (; from < to; from++)
		n += *from == '\n';
	return n;
}

/* The line in which what stands before a node ends. */
static long
line_before(const xmlNode *node)
{
	const xmlNode *n = node->prev != NULL ? node->prev : node->parent;

	while (n != node->parent && n->type == XML_ELEMENT_NODE && n->last != NULL)
		n = n->last;
	return xmlGetLineNo(n);
}

/* The line of at, a place in the text. libxml2 knows the lines in which start tags and texts end,
 * but not those of CDATA sections; an attribute is in the line in which its start tag ends. */
static long
line_of(const struct place *p, const char *at)
{
	if (p->node->parent != p->in)
		return xmlGetLineNo(p->in);
	if (p->node->prev == NULL || p->node->type == XML_CDATA_SECTION_NODE)
		return line_before(p->node) + (long)lines_between(p->text, at);
	return xmlGetLineNo(p->node) - (long)lines_between(at, p->text + strlen(p->text));
}

static bool
bad_place(
    const struct place *p, struct span holder, enum err_code code, const char *what, struct err *e)
{
	char shown[KEY_SHOWN];

	return err_set(e, code, "configuration: line %ld: placeholder '%s' %s",
	    line_of(p, (const char *)holder.p), text_printable(holder, shown, sizeof shown), what);
}

static bool
is_key_byte(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
	       c == '.' || c == '-' || c == '_';
}

static bool
key_of(struct span s, char key[PHONECFG_KEY_MAX])
{
	if (s.n == 0 || s.n >= PHONECFG_KEY_MAX)
		return false;
	for (size_t i = 0; i < s.n; i++)
		if (!is_key_byte((char)s.p[i]))
			return false;
	memcpy(key, s.p, s.n);
	key[s.n] = '\0';
	return true;
}

bool
phonecfg_fill_may_hold(struct span s)
{
	for (size_t i = 0; i < s.n; i++) {
		if (s.p[i] < 0x20 && s.p[i] != '\t' && s.p[i] != '\n' && s.p[i] != '\r')
			return false;
		if (s.p[i] == 0xef && s.n - i >= 3 && s.p[i + 1] == 0xbf && s.p[i + 2] >= 0xbe)
			return false;
	}
	return text_is_utf8(s);
}

/* The end of the placeholder that begins at at: behind the "}}" of its own, not of one inside. NULL
 * when there is none before end. */
static const char *
placeholder_end(const char *at, const char *end)
{
	size_t open = 0;

	while (end - at >= 2) {
		bool opens = memcmp(at, OPEN, 2) == 0, closes = memcmp(at, CLOSE, 2) == 0;

		at += opens || closes ? 2 : 1;
		open += opens;
		if (closes && --open == 0)
			return at;
	}
	return NULL;
}

static bool fill_text(struct fill *f, const struct place *p, struct span text, unsigned depth,
    struct wr *out, struct err *e);

static bool
fill_value(struct fill *f, const struct place *p, struct span holder, const char *value,
    struct wr *out, struct err *e)
{
	struct span filled = span_of(value, strnlen(value, PHONECFG_VALUE_MAX));

	if (!phonecfg_fill_may_hold(filled))
		return bad_place(
		    p, holder, ERR_MALFORMED, "has a value that cannot stand in XML", e);
	if (filled.n > f->left)
		return err_set(
		    e, ERR_LIMIT, "configuration: over %d bytes filled in", PHONECFG_MAX);
	f->left -= filled.n;
	wr_span(out, filled);
	return true;
}

/* Writes what stands for a placeholder, "{{" and "}}" included. */
static bool
fill_one(struct fill *f, const struct place *p, struct span holder, unsigned depth, struct wr *out,
    struct err *e)
{
	struct span inner = span_of(holder.p + 2, holder.n - 4);
	const uint8_t *bar = memchr(inner.p, '|', inner.n);
	size_t key_size = bar != NULL ? (size_t)(bar - inner.p) : inner.n;
	char key[PHONECFG_KEY_MAX], value[PHONECFG_VALUE_MAX] = "";

	if (!key_of(span_of(inner.p, key_size), key))
		return bad_place(
		    p, holder, ERR_MALFORMED, "is none: expected {{key}} or {{key|otherwise}}", e);
	if (f->lookup(f->arg, key, value))
		return fill_value(f, p, holder, value, out, e);
	if (bar == NULL)
		return bad_place(p, holder, ERR_UNKNOWN, "has no value", e);
	return fill_text(f, p, span_of(bar + 1, inner.n - key_size - 1), depth + 1, out, e);
}

static bool
fill_text(struct fill *f, const struct place *p, struct span text, unsigned depth, struct wr *out,
    struct err *e)
{
	const char *from = (const char *)text.p, *end = from + text.n, *at, *close;

	while ((at = memmem(from, (size_t)(end - from), OPEN, 2)) != NULL) {
		struct span rest = span_of(at, (size_t)(end - at));

		close = placeholder_end(at, end);
		if (close == NULL)
			return bad_place(p, rest, ERR_MALFORMED, "has no end", e);
		if (depth == DEPTH_MAX)
			return bad_place(p, rest, ERR_MALFORMED, "is too deep in others", e);
		wr_span(out, span_of(from, (size_t)(at - from)));
		if (!fill_one(f, p, span_of(at, (size_t)(close - at)), depth, out, e))
			return false;
		from = close;
	}
	wr_span(out, span_of(from, (size_t)(end - from)));
	return true;
}

static bool
has_placeholder(const xmlNode *text)
{
	return text->content != NULL && strstr((const char *)text->content, OPEN) != NULL;
}

/* Fills the text of one node, which may go away when it becomes empty. */
static bool
fill_node(struct fill *f, const xmlNode *in, xmlNode *node, struct err *e)
{
	struct place p = { node, in, (const char *)node->content };
	struct wr out;
	bool ok;

	if (!has_placeholder(node))
		return true;
	out = wr_new(2 * PHONECFG_MAX + 1);
	ok = fill_text(f, &p, span_str(p.text), 0, &out, e);
	wr_u8(&out, '\0');
	if (ok && !wr_ok(&out))
		ok = err_set(e, ERR_LIMIT, "configuration: over %d bytes filled in", PHONECFG_MAX);
	if (ok && out.n == 1) {
		/* An empty text would be gone when the result is read again. */
		xmlUnlinkNode(node);
		xmlFreeNode(node);
	} else if (ok)
		xmlNodeSetContent(node, wr_view(&out).p);
	wr_free(&out);
	return ok;
}

static bool
fill_attributes(struct fill *f, const xmlNode *element, struct err *e)
{
	for (xmlAttr *a = element->properties; a != NULL; a = a->next)
		for (xmlNode *n = a->children, *next; n != NULL; n = next) {
			next = n->next;
			if (n->type != XML_TEXT_NODE || !has_placeholder(n))
				continue;
			f->in_attributes++;
			if (!fill_node(f, element, n, e))
				return false;
		}
	return true;
}

bool
phonecfg_fill(xmlDoc *doc, phonecfg_lookup *lookup, void *arg, size_t *in_attributes, struct err *e)
{
	struct fill f = { lookup, arg, PHONECFG_MAX, 0 };

	for (xmlNode *n = xmlDocGetRootElement(doc), *next; n != NULL; n = next) {
		bool is_text = n->type == XML_TEXT_NODE || n->type == XML_CDATA_SECTION_NODE;

		next = phonecfg_xml_next(n);
		if (n->type == XML_ELEMENT_NODE && !fill_attributes(&f, n, e))
			return false;
		if (is_text && !fill_node(&f, n->parent, n, e))
			return false;
	}
	*in_attributes = f.in_attributes;
	return true;
}

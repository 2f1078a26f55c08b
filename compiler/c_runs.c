/*
 * Runs: required items of fixed sizes that follow each other.  They are written with one look at the
 * room, and read with one comparison each when they are the very next items.  A message that is one run
 * is of a fixed size, and written with its header.
 */
#include "c_codec.h"

#include "idl/arena.h"
#include "idl/layout.h"

/* So many fields must stand together for the shorter way to be worth its code. */
enum { MIN_RUN = 6, MAX_RUN = 16 };

/* Can its value be stored without a decision, after its rules have been looked at? */
static bool is_fixed(const struct field *f)
{
	return f->presence == PRESENCE_REQUIRED && f->type.shape == SHAPE_ONE &&
	       (f->type.kind <= TYPE_F64 || f->type.kind == TYPE_ENUM || f->type.kind == TYPE_FLAGS ||
		f->type.kind == TYPE_STRUCT);
}

/* Can it be loaded without one: does every value of its size count? */
static bool is_free(const struct field *f)
{
	return is_fixed(f) && f->type.kind != TYPE_BOOL && !c_is_strict(&f->type) &&
	       !(f->type.kind == TYPE_STRUCT && f->type.structure->has_checks);
}

static size_t run_length(const struct group *g, size_t from, bool (*fits)(const struct field *))
{
	size_t n = 0;

	while (from + n < g->field_count && n < MAX_RUN && fits(&g->fields[from + n]))
		n++;
	return n;
}

static uint32_t item_length(const struct field *f)
{
	return layout_payload(&f->type) + f->type.size;
}

/* All of a run, with padding. */
static uint32_t run_size(const struct group *g, size_t from, size_t count)
{
	uint32_t size = 0;
	size_t i;

	for (i = 0; i < count; i++)
		size += layout_pad(item_length(&g->fields[from + i]));
	return size;
}

bool c_is_fixed_message(const struct group *g)
{
	return g->command != NULL && !g->is_union && g->field_count > 0 &&
	       run_length(g, 0, is_fixed) == g->field_count && layout_message(g) <= LAYOUT_MAX_ITEM;
}

size_t c_put_run(const struct group *g, size_t from)
{
	size_t n = run_length(g, from, is_fixed);

	return n >= MIN_RUN || (n > 0 && c_is_fixed_message(g)) ? n : 0;
}

size_t c_get_run(const struct group *g, size_t from)
{
	size_t n = run_length(g, from, is_free);

	return n >= MIN_RUN ? n : 0;
}

static bool any(const struct group *g, size_t (*run)(const struct group *g, size_t from))
{
	size_t i;

	for (i = 0; i < g->field_count; i++)
		if (run(g, i) > 0)
			return true;
	return false;
}

const char *c_run_variables(const struct group *g, bool put)
{
	if (g->is_union || !any(g, put ? c_put_run : c_get_run))
		return "";
	return put ? "\tuint8_t *p;\n\n" : "\tconst uint8_t *p;\n\n";
}

static const char *place(struct codec *c, uint32_t at)
{
	return at == 0 ? "p" : arena_printf(c->b->arena, "p + %u", at);
}

/* All of a run, without the padding of its last item. */
static uint32_t run_end(const struct group *g, size_t from, size_t count)
{
	const struct field *last = &g->fields[from + count - 1];

	return run_size(g, from, count) - layout_pad(item_length(last)) + item_length(last);
}

/* "kind_valid(in->kind)": what has to be so before the field is written, or NULL. */
static const char *rule(struct codec *c, const struct field *f)
{
	const struct type *t = &f->type;
	const char *member = c_member(c->b->names, f->c.name);

	if (c_is_strict(t))
		return arena_printf(c->b->arena, "%s_valid(in->%s)",
				    c_enumeration(c->b->names, t->enumeration), member);
	if (t->kind == TYPE_STRUCT && t->structure->has_strict)
		return arena_printf(c->b->arena, "valid_%s(&in->%s)",
				    c_structure(c->b->names, t->structure), member);
	return NULL;
}

/* Headers and values at `p`. */
static void emit_stores(struct codec *c, const struct group *g, size_t from, size_t count,
			const char *indent)
{
	uint32_t at = 0;
	size_t i;

	for (i = from; i < from + count; i++) {
		const struct field *f = &g->fields[i];
		const char *member = c_member(c->b->names, f->c.name);
		const char *value = place(c, at + layout_payload(&f->type));

		emit(c->out, "$indent$lwl_store_head($p$, $number$, $length$);\n",
		     "indent", indent, "p", place(c, at),
		     "number", c_num(c, f->number), "length", c_num(c, item_length(f)), NULL);
		if (f->type.kind == TYPE_STRUCT)
			emit(c->out, "$indent$store_$type$($value$, &in->$member$);\n", "indent", indent,
			     "type", c_structure(c->b->names, f->type.structure), "value", value,
			     "member", member, NULL);
		else
			emit(c->out, "$indent$$store$;\n", "indent", indent, "store",
			     c_store(c->b->arena, c_stored(&f->type), value,
				     arena_printf(c->b->arena, "in->%s", member)), NULL);
		at += layout_pad(item_length(f));
	}
}

void c_run_emit_put(struct codec *c, const struct group *g, size_t from, size_t count)
{
	size_t i;

	for (i = from; i < from + count; i++) {
		const char *ok = rule(c, &g->fields[i]);

		if (ok != NULL)
			emit(c->out, "\tlwl_require(w, $ok$);\n", "ok", ok, NULL);
	}
	emit(c->out, "\tp = lwl_put_run(w, $size$, $end$);\n\tif (p != NULL) {\n",
	     "size", c_num(c, run_size(g, from, count)), "end", c_num(c, run_end(g, from, count)), NULL);
	emit_stores(c, g, from, count, "\t\t");
	emit_text(c->out, "\t}\n");
}

void c_fixed_message_emit_put(struct codec *c, const struct group *g, const char *command,
			      const char *kind)
{
	const char *size = c_num(c, layout_pad(layout_message(g))), *rules = "";
	size_t i;

	for (i = 0; i < g->field_count; i++) {
		const char *ok = rule(c, &g->fields[i]);

		if (ok != NULL)
			rules = arena_printf(c->b->arena, "%s%s%s", rules, *rules != '\0' ? " && " : "", ok);
	}
	if (*rules == '\0')
		emit_text(c->out, "\tuint8_t *p = ");
	else
		emit(c->out, "\tuint8_t *p = NULL;\n\n\tif ($rules$)\n\t\tp = ", "rules", rules, NULL);
	emit(c->out,
	     "lwl_begin_fixed(w, $COMMAND$, LWL_KIND_$KIND$, $size$, $end$);\n"
	     "$space$"
	     "\tif (p == NULL)\n"
	     "\t\treturn lwl_refuse_fixed(w, LWL_KIND_$KIND$, $size$);\n",
	     "COMMAND", command, "KIND", kind, "size", size, "end", c_num(c, layout_message(g)),
	     "space", *rules == '\0' ? "\n" : "", NULL);
	emit_stores(c, g, 0, g->field_count, "\t");
	emit_text(c->out, "\treturn lwl_end_fixed(w);\n");
}

void c_run_emit_get(struct codec *c, const struct group *g, size_t from, size_t count)
{
	uint32_t size = run_size(g, from, count), at = 0;
	const struct field *last = &g->fields[from + count - 1];
	size_t i;

	emit(c->out, "\tp = lwl_next_run(r, $size$, $end$);\n\tif (p != NULL", "size", c_num(c, size),
	     "end", c_num(c, run_end(g, from, count)), NULL);
	for (i = from; i < from + count; i++) {
		const struct field *f = &g->fields[i];

		emit(c->out, " &&\n\t    lwl_is_leaf($p$, $number$, $size$, $align$)", "p", place(c, at),
		     "number", c_num(c, f->number), "size", c_num(c, f->type.size),
		     "align", c_num(c, f->type.align), NULL);
		at += layout_pad(item_length(f));
	}
	emit_text(c->out, ") {\n");
	at = 0;
	for (i = from; i < from + count; i++) {
		const struct field *f = &g->fields[i];
		const char *member = c_member(c->b->names, f->c.name);
		const char *value = place(c, at + layout_payload(&f->type));

		if (f->type.kind == TYPE_STRUCT)
			emit(c->out, "\t\t$type$_load(&out->$member$, $value$);\n",
			     "type", c_structure(c->b->names, f->type.structure), "member", member,
			     "value", value, NULL);
		else
			emit(c->out, "\t\tout->$member$ = $load$;\n", "member", member,
			     "load", c_load(c->b->arena, c_stored(&f->type), value), NULL);
		at += layout_pad(item_length(f));
	}
	emit(c->out, "\t\tlwl_take_run(r, $size$, $number$);\n\t} else {\n", "size", c_num(c, size),
	     "number", c_num(c, last->number), NULL);
	for (i = from; i < from + count; i++)
		emit(c->out, "\t\t$call$;\n", "call", c_get_call(c, &g->fields[i]), NULL);
	emit_text(c->out, "\t}\n");
}

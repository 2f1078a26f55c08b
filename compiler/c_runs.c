/*
 * Runs: required items of fixed sizes that follow each other.  They are written with one look at the
 * room, and read with one comparison each when they are the very next items.
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

size_t c_put_run(const struct group *g, size_t from)
{
	size_t n = run_length(g, from, is_fixed);

	return n >= MIN_RUN ? n : 0;
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

void c_run_emit_put(struct codec *c, const struct group *g, size_t from, size_t count)
{
	uint32_t size = run_size(g, from, count), at = 0;
	const struct field *last = &g->fields[from + count - 1];
	size_t i;

	for (i = from; i < from + count; i++) {
		const struct type *t = &g->fields[i].type;
		const char *member = c_member(c->b->names, g->fields[i].c.name);

		if (c_is_strict(t))
			emit(c->out, "\tlwl_require(w, $type$_valid(in->$member$));\n",
			     "type", c_enumeration(c->b->names, t->enumeration), "member", member, NULL);
		else if (t->kind == TYPE_STRUCT && t->structure->has_strict)
			emit(c->out, "\tlwl_require(w, valid_$type$(&in->$member$));\n",
			     "type", c_structure(c->b->names, t->structure), "member", member, NULL);
	}
	emit(c->out,
	     "\tp = lwl_put_run(w, $size$, $end$);\n"
	     "\tif (p != NULL) {\n",
	     "size", c_num(c, size),
	     "end", c_num(c, size - layout_pad(item_length(last)) + item_length(last)), NULL);
	for (i = from; i < from + count; i++) {
		const struct field *f = &g->fields[i];
		const char *member = c_member(c->b->names, f->c.name);
		const char *value = place(c, at + layout_payload(&f->type));

		emit(c->out, "\t\tlwl_store_head($p$, $number$, $length$);\n", "p", place(c, at),
		     "number", c_num(c, f->number), "length", c_num(c, item_length(f)), NULL);
		if (f->type.kind == TYPE_STRUCT)
			emit(c->out, "\t\tstore_$type$($value$, &in->$member$);\n",
			     "type", c_structure(c->b->names, f->type.structure), "value", value,
			     "member", member, NULL);
		else
			emit(c->out, "\t\t$store$;\n", "store",
			     c_store(c->b->arena, c_stored(&f->type), value,
				     arena_printf(c->b->arena, "in->%s", member)), NULL);
		at += layout_pad(item_length(f));
	}
	emit_text(c->out, "\t}\n");
}

void c_run_emit_get(struct codec *c, const struct group *g, size_t from, size_t count)
{
	uint32_t size = run_size(g, from, count), at = 0;
	const struct field *last = &g->fields[from + count - 1];
	size_t i;

	emit(c->out, "\tp = lwl_next_run(r, $size$, $end$);\n\tif (p != NULL", "size", c_num(c, size),
	     "end", c_num(c, size - layout_pad(item_length(last)) + item_length(last)), NULL);
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

/*
 * Binary schemas to tables.  The records of schemas/schema.lwl are read with the readers of wire.h,
 * item by item, and what the language forbids is refused here: whoever uses the tables need not ask
 * again whether numbers ascend, indices point somewhere, and sizes are in bounds.
 */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <lwlink/schema.h>

/* Numbers and bounds of schemas/schema.lwl. */
enum record {
	RECORD_LIBRARY = 1, RECORD_CONSTANT, RECORD_ENUMERATION, RECORD_STRUCTURE, RECORD_GROUP,
	RECORD_IFACE, RECORD_NOTE, RECORD_END
};

enum {
	RECORDS = 0x7000,		/* interface id in the header's command field */
	FORMAT = 1,
	LIST_BYTES = 60000,
	NAME_MAX_BYTES = 255,
	LONG_TEXT = 60000,
	IMPORTS_MAX = 1000, FIELDS_MAX = 1200, MEMBERS_MAX = 2000, COMMANDS_MAX = 255, USES_MAX = 127,
	TYPE_SIZE = 20, COUNTS_SIZE = 24,
	ENUM_TRAIT_FLAGS = 1, ENUM_TRAIT_FLEXIBLE = 2, ENUM_TRAITS = 3,
	COMMAND_TRAIT_ONEWAY = 1, COMMAND_TRAIT_REPLAY_SAFE = 2, COMMAND_TRAITS = 3,
	NOTE_DOC = 0, NOTE_DEPRECATED = 1
};

/* Limits of the language. */
enum {
	NUMBER_MAX = 0x3eff,
	ELEMENTS_MAX = 65535,
	TEXT_MAX = LWL_MESSAGE_MAX - 4,
	STRUCT_MAX = 65000,		/* a multiple of every alignment */
	MESSAGE_ROOM = 64,		/* left for deadline and trace */
	ERROR_FORM = 291,		/* a response with the longest error */
	ID_COUNT = 128,
	DEPTHS = LWL_DEPTH_MAX + 1
};

static const uint32_t any_interface = UINT32_MAX;
static const char none[] = "";

/* The largest logical length of a group's items at each depth, and whether it can be there. */
struct extent {
	uint32_t largest[DEPTHS];
	bool possible[DEPTHS];
};

/* Bytes that grow. */
struct heap {
	uint8_t *data;
	size_t used, room;
};

struct loaded {
	struct lwl_schema schema;	/* first: what the caller has a pointer to */
	struct lwl_arena arena;
	const struct lwl_schema_message **by_name, **by_header;
};

/* What notes may be about. */
struct subject {
	struct lwl_schema_notes *notes;	/* of the record; NULL: there is none yet */
	uint8_t *first;			/* the notes of its first member */
	size_t stride;
	uint32_t count;
};

struct loader {
	const uint8_t *data;
	size_t size, at;		/* of the message at hand */
	uint32_t length;		/* its padded length */
	uint32_t record;		/* its number */
	struct lwl_schema_error *err;
	struct lwl_error wire;
	int status;
	struct loaded *out;
	/* The tables while they are filled; the counts in the schema are those of the end record. */
	struct lwl_schema_library *libraries;
	struct lwl_schema_constant *constants;
	struct lwl_schema_enum *enums;
	struct lwl_schema_struct *structs;
	struct lwl_schema_group *groups;
	struct lwl_schema_interface *interfaces;
	uint32_t library_count, constant_count, enum_count, struct_count, group_count, interface_count;
	uint64_t message_count;
	struct subject subject;
	struct heap elements;		/* of the declaration at hand */
	struct heap text;		/* of the note at hand */
	struct heap bodies;		/* of all commands */
	bool in_note;
	uint32_t note_kind;
	uint64_t note_member;
};

/* ---- failing ---- */

__attribute__((format(printf, 2, 3)))
static bool fail(struct loader *l, const char *format, ...)
{
	va_list arguments;

	if (l->status != 0)
		return false;
	l->status = -LWL_EMALFORMED;
	l->err->offset = l->at;
	l->err->record = l->record;
	va_start(arguments, format);
	vsnprintf(l->err->text, sizeof l->err->text, format, arguments);
	va_end(arguments);
	return false;
}

__attribute__((format(printf, 2, 3)))
static bool too_large(struct loader *l, const char *format, ...)
{
	va_list arguments;

	if (l->status != 0)
		return false;
	va_start(arguments, format);
	vsnprintf(l->err->text, sizeof l->err->text, format, arguments);
	va_end(arguments);
	l->err->offset = l->at;
	l->err->record = l->record;
	l->status = -LWL_ETOOLARGE;
	return false;
}

static bool no_memory(struct loader *l)
{
	if (l->status == 0) {
		l->err->offset = l->at;
		l->err->record = l->record;
		snprintf(l->err->text, sizeof l->err->text, "out of memory");
		l->status = -LWL_ENOMEM;
	}
	return false;
}

/* A mistake in the message at hand. */
static bool fail_wire(struct loader *l)
{
	char text[300];

	if (l->status == 0)
		l->err->wire = l->wire;
	lwl_error_format(text, sizeof text, &l->wire);
	return fail(l, "not a record of a binary schema: %s", text);
}

/* ---- memory ---- */

static void *take(struct loader *l, size_t count, size_t size)
{
	struct lwl_arena *arena = &l->out->arena;
	void *memory = count <= SIZE_MAX / size ? lwl_arena_alloc(arena, count * size) : NULL;

	if (memory == NULL && count * size > arena->limit - arena->total)
		too_large(l, "its tables would take more than %d times its size",
			  (int)LWL_SCHEMA_MEMORY_FACTOR);
	else if (memory == NULL)
		no_memory(l);
	else
		memset(memory, 0, count * size);
	return memory;
}

static bool heap_add(struct loader *l, struct heap *heap, const void *data, size_t size)
{
	if (heap->room - heap->used < size) {
		size_t room = (heap->used + size) * 2;
		uint8_t *more = realloc(heap->data, room);

		if (more == NULL)
			return no_memory(l);
		heap->data = more;
		heap->room = room;
	}
	if (size > 0)
		memcpy(heap->data + heap->used, data, size);
	heap->used += size;
	return true;
}

/* A copy of what has been gathered, which starts anew. */
static void *settle(struct loader *l, struct heap *heap)
{
	void *memory = take(l, heap->used + 1, 1);

	if (memory != NULL && heap->used > 0)
		memcpy(memory, heap->data, heap->used);
	heap->used = 0;
	return memory;
}

static char *copy_text(struct loader *l, struct lwl_string text)
{
	char *copy = take(l, (size_t)text.len + 1, 1);

	if (copy != NULL && text.len > 0)
		memcpy(copy, text.data, text.len);
	return copy;
}

/* ---- names ---- */

static bool is_letter(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
}

static bool is_identifier(const char *text, size_t length)
{
	size_t i;

	if (length == 0 || length > NAME_MAX_BYTES || !is_letter(text[0]))
		return false;
	for (i = 1; i < length; i++)
		if (!is_letter(text[i]) && (text[i] < '0' || text[i] > '9'))
			return false;
	return true;
}

/* In the messages that a declaration goes on in, the name is there already. */
static bool take_name(struct loader *l, struct lwl_string text, const char **name)
{
	if (!is_identifier(text.data, text.len))
		return fail(l, "a name is not an identifier");
	if (*name != NULL)
		return (strlen(*name) == text.len && memcmp(*name, text.data, text.len) == 0) ||
		       fail(l, "\"%s\" goes on under another name", *name);
	*name = copy_text(l, text);
	return *name != NULL;
}

/* The last component, or NULL if one of them is not an identifier. */
static const char *prefix_of(const char *name)
{
	for (;;) {
		const char *dot = strchr(name, '.');
		size_t length = dot != NULL ? (size_t)(dot - name) : strlen(name);

		if (!is_identifier(name, length))
			return NULL;
		if (dot == NULL)
			return name;
		name = dot + 1;
	}
}

/* ---- notes ---- */

/* The note at hand is complete: give it to its subject. */
static bool end_note(struct loader *l)
{
	struct lwl_schema_notes *notes = l->subject.notes;
	const char **place, *text;
	bool taken;

	if (!l->in_note)
		return true;
	l->in_note = false;
	if (l->note_member != UINT64_MAX)
		notes = (struct lwl_schema_notes *)(void *)
			(l->subject.first + (size_t)l->note_member * l->subject.stride);
	place = l->note_kind == NOTE_DOC ? &notes->doc : &notes->deprecated;
	taken = l->note_kind == NOTE_DOC ? notes->doc != none : notes->deprecated != NULL;
	if (taken)
		return fail(l, "two notes of one kind about the same thing");
	text = settle(l, &l->text);
	if (text == NULL)
		return false;
	*place = text;
	return true;
}

static void set_subject(struct loader *l, struct lwl_schema_notes *notes)
{
	l->subject.notes = notes;
	l->subject.count = 0;
}

static void begin_record(struct loader *l, struct lwl_reader *r, enum record record)
{
	lwl_reader_begin(r, l->data + l->at, l->length, (uint16_t)(RECORDS | record), LWL_KIND_ONEWAY,
			 &l->wire);
}

static bool end_record(struct loader *l, struct lwl_reader *r)
{
	return l->status == 0 && (lwl_reader_finish(r) == 0 || fail_wire(l));
}

static bool read_note(struct loader *l)
{
	struct lwl_reader r;
	struct lwl_string text;
	uint32_t member = 0;
	uint64_t which;
	uint8_t kind;
	bool of_member;

	begin_record(l, &r, RECORD_NOTE);
	lwl_get_u8(&r, 1, LWL_OPTIONAL, &kind);
	of_member = lwl_get_u32(&r, 2, LWL_OPTIONAL, &member);
	lwl_get_string(&r, 3, LWL_REQUIRED, 0, LONG_TEXT, &text);
	if (!end_record(l, &r))
		return false;
	if (kind > NOTE_DEPRECATED)
		return fail(l, "there is no kind of note %u", (unsigned)kind);
	if (l->subject.notes == NULL)
		return fail(l, "a note stands before all that it could be about");
	if (of_member && member >= l->subject.count)
		return fail(l, "a note is about member %lu of %lu", (unsigned long)member,
			    (unsigned long)l->subject.count);
	which = of_member ? member : UINT64_MAX;
	if (l->in_note && (kind != l->note_kind || which != l->note_member) && !end_note(l))
		return false;
	l->in_note = true;
	l->note_kind = kind;
	l->note_member = which;
	return heap_add(l, &l->text, text.data, text.len);
}

/* ---- libraries and constants ---- */

static const struct lwl_schema_library *library_at_hand(const struct loader *l)
{
	return &l->libraries[l->library_count - 1];
}

static bool take_since(struct loader *l, uint32_t since, struct lwl_schema_notes *notes)
{
	notes->doc = none;
	notes->since = since;
	if (since > library_at_hand(l)->version)
		return fail(l, "since %lu in version %lu of the library", (unsigned long)since,
			    (unsigned long)library_at_hand(l)->version);
	return true;
}

static bool read_imports(struct loader *l, struct lwl_seq imports, struct lwl_schema_library *library)
{
	const struct lwl_schema_library **list = take(l, (size_t)imports.count + 1, sizeof *list);
	uint32_t i;

	for (i = 0; list != NULL && i < imports.count; i++) {
		uint32_t index = lwl_u32_at(imports, i);

		if (index >= l->library_count)
			return fail(l, "imports library %lu, which does not come before it",
				    (unsigned long)index);
		list[i] = &l->libraries[index];
	}
	library->imports = list;
	library->import_count = imports.count;
	return list != NULL;
}

static bool read_library(struct loader *l)
{
	struct lwl_schema_library *library = &l->libraries[l->library_count];
	struct lwl_reader r;
	struct lwl_string name;
	struct lwl_seq imports;
	uint32_t format;

	begin_record(l, &r, RECORD_LIBRARY);
	lwl_get_u32(&r, 1, LWL_REQUIRED, &format);
	lwl_get_string(&r, 2, LWL_REQUIRED, 1, LONG_TEXT, &name);
	lwl_get_u32(&r, 3, LWL_REQUIRED, &library->version);
	lwl_get_packed(&r, 4, LWL_OPTIONAL, 4, 0, IMPORTS_MAX, &imports);
	if (!end_record(l, &r))
		return false;
	if (format != FORMAT)
		return fail(l, "its format is %lu; this library reads %d", (unsigned long)format, FORMAT);
	if (library->version == 0)
		return fail(l, "a library's version is 0");
	library->name = copy_text(l, name);
	if (library->name == NULL)
		return false;
	library->prefix = prefix_of(library->name);
	if (library->prefix == NULL)
		return fail(l, "a library's name is not one of identifiers and dots");
	library->notes.doc = none;
	set_subject(l, &library->notes);
	if (!read_imports(l, imports, library))
		return false;
	l->library_count++;
	return true;
}

static uint32_t scalar_size(enum lwl_type_kind kind)
{
	switch (kind) {
	case LWL_TYPE_BOOL: case LWL_TYPE_U8: case LWL_TYPE_S8:
		return 1;
	case LWL_TYPE_U16: case LWL_TYPE_S16:
		return 2;
	case LWL_TYPE_U32: case LWL_TYPE_S32: case LWL_TYPE_F32:
		return 4;
	default:
		return 8;
	}
}

static bool is_signed(enum lwl_type_kind kind)
{
	return kind >= LWL_TYPE_S8 && kind <= LWL_TYPE_S64;
}

static bool is_integer(uint32_t kind)
{
	return kind >= LWL_TYPE_U8 && kind <= LWL_TYPE_S64;
}

/* Are these the 64 bits of a value of the scalar? */
static bool bits_fit(enum lwl_type_kind kind, uint64_t bits)
{
	uint32_t width = 8 * scalar_size(kind);

	if (kind == LWL_TYPE_BOOL)
		return bits <= 1;
	if (width == 64)
		return true;
	if (is_signed(kind))
		return bits + (UINT64_C(1) << (width - 1)) < UINT64_C(1) << width;
	return bits >> width == 0;
}

static bool read_constant(struct loader *l)
{
	struct lwl_schema_constant *constant = &l->constants[l->constant_count];
	struct lwl_reader r;
	struct lwl_string name;
	uint8_t kind;

	begin_record(l, &r, RECORD_CONSTANT);
	lwl_get_string(&r, 1, LWL_REQUIRED, 1, NAME_MAX_BYTES, &name);
	lwl_get_u8(&r, 2, LWL_REQUIRED, &kind);
	lwl_get_u64(&r, 3, LWL_REQUIRED, &constant->bits);
	if (!end_record(l, &r) || !take_name(l, name, &constant->name))
		return false;
	if (kind > LWL_TYPE_F64)
		return fail(l, "constant \"%s\" is of kind %u, no scalar", constant->name, (unsigned)kind);
	constant->kind = (enum lwl_type_kind)kind;
	if (!bits_fit(constant->kind, constant->bits))
		return fail(l, "constant \"%s\" does not fit its type", constant->name);
	constant->library = library_at_hand(l);
	constant->notes.doc = none;
	set_subject(l, &constant->notes);
	l->constant_count++;
	return true;
}

/* ---- declarations in pieces ---- */

/*
 * The message at hand has `more` set: go to the next one, which must have the same number.  The
 * messages have been counted and checked, and the last one is the end record.
 */
static bool next_piece(struct loader *l, enum record record)
{
	const uint8_t *next;

	l->at += l->length;
	l->record++;
	next = l->data + l->at;
	l->length = lwl_padded(lwl_load16(next + 14));
	return lwl_load16(next + 12) == (RECORDS | record) ||
	       fail(l, "a declaration ends where more of it was announced");
}

/* ---- enums and flags ---- */

static int member_by_value(const void *a, const void *b)
{
	const struct lwl_schema_member *const *x = a, *const *y = b;

	return ((*x)->value > (*y)->value) - ((*x)->value < (*y)->value);
}

static int member_by_name(const void *a, const void *b)
{
	const struct lwl_schema_member *const *x = a, *const *y = b;

	return strcmp((*x)->name, (*y)->name);
}

static bool sort_members(struct loader *l, struct lwl_schema_enum *e)
{
	size_t n = e->member_count;
	const struct lwl_schema_member **value = take(l, n + 1, sizeof *value);
	const struct lwl_schema_member **name = take(l, n + 1, sizeof *name);
	size_t i;

	if (value == NULL || name == NULL)
		return false;
	for (i = 0; i < n; i++)
		value[i] = name[i] = &e->members[i];
	qsort(value, n, sizeof *value, member_by_value);
	qsort(name, n, sizeof *name, member_by_name);
	for (i = 1; i < n; i++) {
		if (value[i]->value == value[i - 1]->value)
			return fail(l, "\"%s\" and \"%s\" of \"%s\" have one value", value[i - 1]->name,
				    value[i]->name, e->name);
		if (strcmp(name[i]->name, name[i - 1]->name) == 0)
			return fail(l, "\"%s\" has two members \"%s\"", e->name, name[i]->name);
	}
	e->by_value = value;
	e->by_name = name;
	return true;
}

static bool read_member(struct loader *l, const struct lwl_schema_enum *e, struct lwl_reader *r,
			struct lwl_reader *inner)
{
	struct lwl_schema_member m = { 0 };
	struct lwl_string name;
	uint32_t since;

	lwl_get_string(inner, 1, LWL_REQUIRED, 1, NAME_MAX_BYTES, &name);
	lwl_get_u64(inner, 2, LWL_REQUIRED, &m.value);
	lwl_get_u32(inner, 3, LWL_OPTIONAL, &since);
	lwl_close_group(r, inner);
	if (r->failed)
		return fail_wire(l);
	if (!take_name(l, name, &m.name) || !take_since(l, since, &m.notes))
		return false;
	if (e->is_flags ? m.value >= 8 * scalar_size(e->underlying) : !bits_fit(e->underlying, m.value))
		return fail(l, "\"%s\" of \"%s\" does not fit its type", m.name, e->name);
	return heap_add(l, &l->elements, &m, sizeof m);
}

/* One message; *more: another one follows. */
static bool read_enum_piece(struct loader *l, struct lwl_schema_enum *e, bool *more)
{
	struct lwl_reader r, inner;
	struct lwl_string name;
	struct lwl_seq list = { 0 };
	uint8_t underlying, traits;

	begin_record(l, &r, RECORD_ENUMERATION);
	lwl_get_string(&r, 1, LWL_REQUIRED, 1, NAME_MAX_BYTES, &name);
	lwl_get_u8(&r, 2, LWL_REQUIRED, &underlying);
	lwl_get_u8(&r, 3, LWL_OPTIONAL, &traits);
	if (!r.failed) {
		if (!take_name(l, name, &e->name))
			return false;
		if (!is_integer(underlying) || traits > ENUM_TRAITS ||
		    ((traits & ENUM_TRAIT_FLAGS) != 0 && underlying > LWL_TYPE_U64))
			return fail(l, "\"%s\" is of a kind that no enum or flags can be of", e->name);
		e->underlying = (enum lwl_type_kind)underlying;
		e->is_flags = (traits & ENUM_TRAIT_FLAGS) != 0;
		e->is_flexible = (traits & ENUM_TRAIT_FLEXIBLE) != 0;
	}
	while (lwl_open_element(&r, 4, MEMBERS_MAX, LIST_BYTES, &list, &inner))
		if (!read_member(l, e, &r, &inner))
			return false;
	lwl_get_bool(&r, 5, LWL_OPTIONAL, more);
	return end_record(l, &r);
}

static bool read_enum(struct loader *l)
{
	struct lwl_schema_enum *e = &l->enums[l->enum_count];
	uint32_t i;
	bool more;

	do {
		if (!read_enum_piece(l, e, &more) || (more && !next_piece(l, RECORD_ENUMERATION)))
			return false;
	} while (more);
	e->library = library_at_hand(l);
	e->notes.doc = none;
	e->member_count = (uint32_t)(l->elements.used / sizeof *e->members);
	e->members = settle(l, &l->elements);
	if (e->members == NULL || !sort_members(l, e))
		return false;
	for (i = 0; e->is_flags && i < e->member_count; i++)
		e->known_bits |= UINT64_C(1) << e->members[i].value;
	set_subject(l, &e->notes);
	if (e->member_count > 0) {
		l->subject.first = (uint8_t *)(uintptr_t)&e->members[0].notes;
		l->subject.stride = sizeof *e->members;
		l->subject.count = e->member_count;
	}
	l->enum_count++;
	return true;
}

/* ---- types ---- */

/* What the kind refers to.  Enums and structs must have come before; groups may come later. */
static bool resolve_type(struct loader *l, struct lwl_schema_type *t, uint32_t index, const char *name)
{
	switch (t->kind) {
	case LWL_TYPE_ENUM: case LWL_TYPE_FLAGS:
		if (index >= l->enum_count ||
		    l->enums[index].is_flags != (t->kind == LWL_TYPE_FLAGS))
			return fail(l, "field \"%s\": enumeration %lu does not come before it, or is not "
				    "what it says", name, (unsigned long)index);
		t->enumeration = &l->enums[index];
		t->size = t->align = scalar_size(t->enumeration->underlying);
		return true;
	case LWL_TYPE_STRUCT:
		if (index >= l->struct_count)
			return fail(l, "field \"%s\": structure %lu does not come before it", name,
				    (unsigned long)index);
		t->structure = &l->structs[index];
		t->size = t->structure->size;
		t->align = t->structure->align;
		return true;
	case LWL_TYPE_GROUP: case LWL_TYPE_UNION:
		if (index >= l->out->schema.group_count)
			return fail(l, "field \"%s\": there is no group %lu", name,
				    (unsigned long)index);
		t->group = &l->groups[index];
		return true;
	case LWL_TYPE_LINK:
		if (index == any_interface)
			return true;
		if (index >= l->out->schema.interface_count)
			return fail(l, "field \"%s\": there is no interface %lu", name,
				    (unsigned long)index);
		t->interface = &l->interfaces[index];
		return true;
	default:
		if (index != 0)
			return fail(l, "field \"%s\": its kind refers to nothing, but has index %lu", name,
				    (unsigned long)index);
		if (t->kind != LWL_TYPE_STRING && t->kind != LWL_TYPE_BYTES)
			t->size = t->align = scalar_size(t->kind);
		return true;
	}
}

static bool bounds_are_right(const struct lwl_schema_type *t)
{
	bool is_text = t->kind == LWL_TYPE_STRING || t->kind == LWL_TYPE_BYTES;
	bool has_bytes = t->kind == LWL_TYPE_GROUP && t->shape == LWL_SHAPE_LIST;

	if (t->list_bytes != 0 && (!has_bytes || t->list_bytes < 8))
		return false;
	if (is_text)
		return t->shape == LWL_SHAPE_ONE && t->min <= t->max && t->max > 0 && t->max <= TEXT_MAX;
	switch (t->shape) {
	case LWL_SHAPE_ONE:
		return t->min == 0 && t->max == 0;
	case LWL_SHAPE_ARRAY:
		return t->kind <= LWL_TYPE_STRUCT && t->min == t->max && t->max > 0 &&
		       t->max <= ELEMENTS_MAX;
	default:
		return t->kind != LWL_TYPE_UNION && t->min == 0 && t->max > 0 && t->max <= ELEMENTS_MAX;
	}
}

/* The 20 bytes of a type. */
static bool take_type(struct loader *l, const uint8_t *p, const char *name, struct lwl_schema_type *t)
{
	if (p[0] > LWL_TYPE_LINK || p[1] > LWL_SHAPE_LIST)
		return fail(l, "field \"%s\": there is no type of kind %u and shape %u", name,
			    (unsigned)p[0], (unsigned)p[1]);
	t->kind = (enum lwl_type_kind)p[0];
	t->shape = (enum lwl_type_shape)p[1];
	t->min = lwl_load32(p + 4);
	t->max = lwl_load32(p + 8);
	t->list_bytes = lwl_load32(p + 12);
	if (!bounds_are_right(t))
		return fail(l, "field \"%s\": no such type can have the bounds %lu and %lu", name,
			    (unsigned long)t->min, (unsigned long)t->max);
	return resolve_type(l, t, lwl_load32(p + 16), name);
}

/* ---- fields ---- */

static bool default_is_right(const struct lwl_schema_field *f)
{
	const struct lwl_schema_type *t = &f->type;

	if (f->presence != LWL_PRESENCE_DEFAULT)
		return f->default_bits == 0;
	if (t->shape != LWL_SHAPE_ONE || t->kind > LWL_TYPE_FLAGS)
		return false;
	if (t->kind == LWL_TYPE_ENUM)
		return lwl_schema_member_of(t->enumeration, f->default_bits) != NULL;
	if (t->kind == LWL_TYPE_FLAGS)
		return (f->default_bits & ~t->enumeration->known_bits) == 0;
	return bits_fit(t->kind, f->default_bits);
}

static bool read_field(struct loader *l, struct lwl_reader *r, struct lwl_reader *inner)
{
	struct lwl_schema_field f = { 0 };
	struct lwl_string name;
	const uint8_t *type = NULL;
	uint32_t since;
	uint8_t presence;

	lwl_get_string(inner, 1, LWL_REQUIRED, 1, NAME_MAX_BYTES, &name);
	if (lwl_open_leaf(inner, 2, LWL_REQUIRED, TYPE_SIZE, 4)) {
		type = inner->msg + inner->value;
		if (lwl_check_hole(inner, inner->value + 2, 2))
			lwl_close_leaf(inner);
	}
	lwl_get_u16(inner, 3, LWL_OPTIONAL, &f.number);
	lwl_get_u8(inner, 4, LWL_OPTIONAL, &presence);
	lwl_get_u64(inner, 5, LWL_OPTIONAL, &f.default_bits);
	lwl_get_u32(inner, 6, LWL_OPTIONAL, &since);
	lwl_close_group(r, inner);
	if (r->failed)
		return fail_wire(l);
	if (!take_name(l, name, &f.name) || !take_since(l, since, &f.notes) ||
	    !take_type(l, type, f.name, &f.type))
		return false;
	f.presence = (enum lwl_presence)presence;
	if (presence > LWL_PRESENCE_LIST ||
	    (presence == LWL_PRESENCE_LIST) != (f.type.shape == LWL_SHAPE_LIST))
		return fail(l, "field \"%s\": its presence does not suit its type", f.name);
	if (!default_is_right(&f))
		return fail(l, "field \"%s\": no such default is possible", f.name);
	return heap_add(l, &l->elements, &f, sizeof f);
}

static bool read_fields(struct loader *l, struct lwl_reader *r, uint16_t number)
{
	struct lwl_reader inner;
	struct lwl_seq list = { 0 };

	while (lwl_open_element(r, number, FIELDS_MAX, LIST_BYTES, &list, &inner))
		if (!read_field(l, r, &inner))
			return false;
	return true;
}

static int field_by_name(const void *a, const void *b)
{
	const struct lwl_schema_field *const *x = a, *const *y = b;

	return strcmp((*x)->name, (*y)->name);
}

/* The fields that have been gathered, and the same by name. */
static struct lwl_schema_field *settle_fields(struct loader *l, uint32_t *count,
					      const struct lwl_schema_field *const **by_name)
{
	struct lwl_schema_field *fields;
	const struct lwl_schema_field **sorted;
	uint32_t i;

	*count = (uint32_t)(l->elements.used / sizeof *fields);
	fields = settle(l, &l->elements);
	sorted = take(l, (size_t)*count + 1, sizeof *sorted);
	if (fields == NULL || sorted == NULL)
		return NULL;
	for (i = 0; i < *count; i++)
		sorted[i] = &fields[i];
	qsort(sorted, *count, sizeof *sorted, field_by_name);
	for (i = 1; i < *count; i++)
		if (strcmp(sorted[i]->name, sorted[i - 1]->name) == 0) {
			fail(l, "two fields are named \"%s\"", sorted[i]->name);
			return NULL;
		}
	*by_name = sorted;
	if (*count > 0) {
		l->subject.first = (uint8_t *)&fields[0].notes;
		l->subject.stride = sizeof *fields;
		l->subject.count = *count;
	}
	return fields;
}

/* ---- structs ---- */

static uint32_t align_up(uint32_t size, uint32_t align)
{
	return size + (align - size % align) % align;
}

static bool lay_out(struct loader *l, struct lwl_schema_struct *s, struct lwl_schema_field *fields)
{
	uint32_t i, end = 0;

	s->align = 1;
	for (i = 0; i < s->field_count; i++) {
		struct lwl_schema_field *f = &fields[i];
		uint32_t nesting = f->type.structure != NULL ? f->type.structure->nesting : 0;
		uint64_t size = (uint64_t)f->type.size * (f->type.shape == LWL_SHAPE_ARRAY
							  ? f->type.max : 1);

		if (f->number != 0 || f->presence != LWL_PRESENCE_REQUIRED ||
		    f->type.kind > LWL_TYPE_STRUCT)
			return fail(l, "\"%s\" in struct \"%s\": no struct can hold it", f->name, s->name);
		f->offset = align_up(end, f->type.align);
		if (size > STRUCT_MAX - f->offset)
			return fail(l, "struct \"%s\" is larger than %d bytes", s->name, STRUCT_MAX);
		if (i > 0)
			fields[i - 1].hole = f->offset - end;
		end = f->offset + (uint32_t)size;
		if (f->type.align > s->align)
			s->align = f->type.align;
		if (nesting >= s->nesting)
			s->nesting = nesting + 1;
	}
	s->size = align_up(end, s->align);
	if (s->field_count == 0)
		return fail(l, "struct \"%s\" is empty", s->name);
	fields[s->field_count - 1].hole = s->size - end;
	if (s->nesting > LWL_SCHEMA_NESTING_MAX)
		return too_large(l, "struct \"%s\": structs nest deeper than %d", s->name,
				 (int)LWL_SCHEMA_NESTING_MAX);
	return true;
}

static bool read_struct_piece(struct loader *l, struct lwl_schema_struct *s, bool *more)
{
	struct lwl_reader r;
	struct lwl_string name;

	begin_record(l, &r, RECORD_STRUCTURE);
	lwl_get_string(&r, 1, LWL_REQUIRED, 1, NAME_MAX_BYTES, &name);
	if (!r.failed && name.len > 0 && !take_name(l, name, &s->name))
		return false;
	if (!read_fields(l, &r, 2))
		return false;
	lwl_get_bool(&r, 3, LWL_OPTIONAL, more);
	return end_record(l, &r);
}

static bool read_struct(struct loader *l)
{
	struct lwl_schema_struct *s = &l->structs[l->struct_count];
	struct lwl_schema_field *fields;
	bool more;

	do {
		if (!read_struct_piece(l, s, &more) || (more && !next_piece(l, RECORD_STRUCTURE)))
			return false;
	} while (more);
	s->library = library_at_hand(l);
	s->notes.doc = none;
	set_subject(l, &s->notes);
	fields = settle_fields(l, &s->field_count, &s->by_name);
	if (fields == NULL || !lay_out(l, s, fields))
		return false;
	s->fields = fields;
	l->struct_count++;
	return true;
}

/* ---- groups ---- */

static bool check_group_fields(struct loader *l, const struct lwl_schema_group *g)
{
	uint32_t i, last = 0;

	for (i = 0; i < g->field_count; i++) {
		const struct lwl_schema_field *f = &g->fields[i];

		if (f->number <= last || f->number > NUMBER_MAX)
			return fail(l, "field \"%s\" of \"%s\": number %u does not ascend, or is none",
				    f->name, g->name, (unsigned)f->number);
		last = f->number;
		if (g->form == LWL_GROUP_UNION && f->presence != LWL_PRESENCE_REQUIRED)
			return fail(l, "\"%s\" in a union: members are neither absent nor lists", f->name);
	}
	if (g->form == LWL_GROUP_UNION && g->field_count == 0)
		return fail(l, "a union has no members");
	return true;
}

static bool note_required(struct loader *l, struct lwl_schema_group *g)
{
	uint32_t *next = take(l, (size_t)g->field_count + 1, sizeof *next);
	uint32_t i = g->field_count;

	if (next == NULL)
		return false;
	next[i] = i;
	while (i-- > 0)
		next[i] = g->fields[i].presence == LWL_PRESENCE_REQUIRED ? i : next[i + 1];
	g->next_required = next;
	return true;
}

static bool read_group_piece(struct loader *l, struct lwl_schema_group *g, bool *more)
{
	struct lwl_reader r;
	struct lwl_string name;
	uint8_t form;
	bool named;

	begin_record(l, &r, RECORD_GROUP);
	named = lwl_get_string(&r, 1, LWL_OPTIONAL, 1, NAME_MAX_BYTES, &name);
	lwl_get_u8(&r, 2, LWL_OPTIONAL, &form);
	if (!r.failed) {
		if (form > LWL_GROUP_MESSAGE || named != (form == LWL_GROUP_NAMED))
			return fail(l, "a group has form %u, and %s name", (unsigned)form,
				    named ? "a" : "no");
		g->form = (enum lwl_group_form)form;
		if (!named)
			g->name = none;
		else if (!take_name(l, name, &g->name))
			return false;
	}
	if (!read_fields(l, &r, 3))
		return false;
	lwl_get_bool(&r, 4, LWL_OPTIONAL, more);
	return end_record(l, &r);
}

static bool read_group(struct loader *l)
{
	struct lwl_schema_group *g = &l->groups[l->group_count];
	bool more;

	do {
		if (!read_group_piece(l, g, &more) || (more && !next_piece(l, RECORD_GROUP)))
			return false;
	} while (more);
	g->library = library_at_hand(l);
	g->notes.doc = none;
	set_subject(l, &g->notes);
	g->fields = settle_fields(l, &g->field_count, &g->by_name);
	if (g->fields == NULL || !check_group_fields(l, g) || !note_required(l, g))
		return false;
	l->group_count++;
	return true;
}

/* ---- interfaces ---- */

/* The items of a command's messages; the table of messages is made when all are known. */
struct bodies {
	const struct lwl_schema_group *request, *response;
};

struct raw_command {
	struct lwl_schema_command command;
	struct bodies bodies;
};

static bool read_command(struct loader *l, const struct lwl_schema_interface *interface,
			 struct lwl_reader *r, struct lwl_reader *inner)
{
	struct raw_command raw = { 0 };
	struct lwl_schema_command *c = &raw.command;
	struct lwl_string name;
	uint32_t request, response, since;
	uint8_t traits;
	bool responds;

	lwl_get_string(inner, 1, LWL_REQUIRED, 1, NAME_MAX_BYTES, &name);
	lwl_get_u8(inner, 2, LWL_REQUIRED, &c->number);
	lwl_get_u8(inner, 3, LWL_OPTIONAL, &traits);
	lwl_get_u32(inner, 4, LWL_REQUIRED, &request);
	responds = lwl_get_u32(inner, 5, LWL_OPTIONAL, &response);
	lwl_get_u32(inner, 6, LWL_OPTIONAL, &since);
	lwl_close_group(r, inner);
	if (r->failed)
		return fail_wire(l);
	if (!take_name(l, name, &c->name) || !take_since(l, since, &c->notes))
		return false;
	c->interface = interface;
	c->is_oneway = (traits & COMMAND_TRAIT_ONEWAY) != 0;
	c->is_replay_safe = (traits & COMMAND_TRAIT_REPLAY_SAFE) != 0;
	if (traits > COMMAND_TRAITS || responds == c->is_oneway)
		return fail(l, "command \"%s\" is neither a one-way nor has a response, or it is both",
			    c->name);
	if (request >= l->group_count || l->groups[request].form != LWL_GROUP_MESSAGE ||
	    (responds && (response >= l->group_count ||
			  l->groups[response].form != LWL_GROUP_MESSAGE)))
		return fail(l, "command \"%s\": its messages do not come before it, or are none", c->name);
	raw.bodies.request = &l->groups[request];
	raw.bodies.response = responds ? &l->groups[response] : NULL;
	return heap_add(l, &l->elements, &raw, sizeof raw);
}

static bool read_uses(struct loader *l, struct lwl_seq uses, struct lwl_schema_interface *interface)
{
	const struct lwl_schema_interface **list = take(l, (size_t)uses.count + 1, sizeof *list);
	uint32_t i;

	for (i = 0; list != NULL && i < uses.count; i++) {
		uint32_t index = lwl_u32_at(uses, i);

		if (index >= l->interface_count)
			return fail(l, "\"%s\" uses interface %lu, which does not come before it",
				    interface->name, (unsigned long)index);
		list[i] = &l->interfaces[index];
	}
	interface->uses = list;
	interface->use_count = uses.count;
	return list != NULL;
}

static bool read_interface_piece(struct loader *l, struct lwl_schema_interface *interface, bool first,
				 bool *more)
{
	struct lwl_reader r, inner;
	struct lwl_string name;
	struct lwl_seq list = { 0 }, uses;

	begin_record(l, &r, RECORD_IFACE);
	lwl_get_string(&r, 1, LWL_REQUIRED, 1, NAME_MAX_BYTES, &name);
	lwl_get_u8(&r, 2, LWL_REQUIRED, &interface->id);
	lwl_get_packed(&r, 3, LWL_OPTIONAL, 4, 0, USES_MAX, &uses);
	if (!r.failed && name.len > 0) {
		if (!take_name(l, name, &interface->name))
			return false;
		if (first && !read_uses(l, uses, interface))
			return false;
		if (!first && uses.count > 0)
			return fail(l, "\"%s\" uses interfaces where it goes on", interface->name);
	}
	while (lwl_open_element(&r, 4, COMMANDS_MAX, LIST_BYTES, &list, &inner))
		if (!read_command(l, interface, &r, &inner))
			return false;
	lwl_get_bool(&r, 5, LWL_OPTIONAL, more);
	return end_record(l, &r);
}

/* This one, then what it uses: all that a used one has, in the order of `use`. */
static bool close_interface(struct loader *l, struct lwl_schema_interface *interface)
{
	const struct lwl_schema_interface *with_id[ID_COUNT] = { NULL }, *order[ID_COUNT], **closure;
	uint32_t i, k, count = 0;

	with_id[interface->id] = order[count++] = interface;
	for (i = 0; i < interface->use_count; i++) {
		const struct lwl_schema_interface *used = interface->uses[i];

		for (k = 0; k < used->closure_count; k++) {
			const struct lwl_schema_interface *one = used->closure[k];

			if (with_id[one->id] == one)
				continue;
			if (with_id[one->id] != NULL)
				return fail(l, "\"%s\" and \"%s\", which \"%s\" brings together, have one "
					    "id", with_id[one->id]->name, one->name, interface->name);
			with_id[one->id] = order[count++] = one;
		}
	}
	closure = take(l, count, sizeof *closure);
	if (closure == NULL)
		return false;
	memcpy(closure, order, count * sizeof *order);
	interface->closure = closure;
	interface->closure_count = count;
	return true;
}

static bool settle_commands(struct loader *l, struct lwl_schema_interface *interface)
{
	const struct raw_command *raw = (const void *)l->elements.data;
	size_t i, count = l->elements.used / sizeof *raw;
	struct lwl_schema_command *commands = take(l, count + 1, sizeof *commands);
	bool is_link = strcmp(interface->library->name, "lwlink.link") == 0;

	if (commands == NULL)
		return false;
	if (interface->id >= ID_COUNT || (interface->id == 0 && !is_link))
		return fail(l, "interface \"%s\" cannot have the id %u", interface->name,
			    (unsigned)interface->id);
	for (i = 0; i < count; i++) {
		commands[i] = raw[i].command;
		if (i > 0 ? commands[i].number <= commands[i - 1].number
			  : commands[i].number == 0 && !is_link)
			return fail(l, "command \"%s\": number %u does not ascend, or is none",
				    commands[i].name, (unsigned)commands[i].number);
		l->message_count += raw[i].bodies.response != NULL ? 2 : 1;
		if (!heap_add(l, &l->bodies, &raw[i].bodies, sizeof raw[i].bodies))
			return false;
	}
	l->elements.used = 0;
	interface->commands = commands;
	interface->command_count = (uint32_t)count;
	if (count > 0) {
		l->subject.first = (uint8_t *)&commands[0].notes;
		l->subject.stride = sizeof *commands;
		l->subject.count = (uint32_t)count;
	}
	return true;
}

static bool read_interface(struct loader *l)
{
	struct lwl_schema_interface *interface = &l->interfaces[l->interface_count];
	bool more, first = true;

	do {
		if (!read_interface_piece(l, interface, first, &more) ||
		    (more && !next_piece(l, RECORD_IFACE)))
			return false;
		first = false;
	} while (more);
	interface->library = library_at_hand(l);
	interface->notes.doc = none;
	set_subject(l, &interface->notes);
	if (!settle_commands(l, interface) || !close_interface(l, interface))
		return false;
	l->interface_count++;
	return true;
}

/* ---- the largest forms ---- */

static uint64_t padded(uint64_t size)
{
	return size > LWL_MESSAGE_MAX ? size : lwl_padded((uint32_t)size);
}

/* All of a field's items in a group at `depth`, without the padding behind the last; 0: none fit. */
static uint64_t field_extent(const struct loader *l, const struct extent *extents,
			     const struct lwl_schema_field *f, uint32_t depth)
{
	const struct lwl_schema_type *t = &f->type;
	uint64_t count = t->shape == LWL_SHAPE_ONE ? 1 : t->max;

	switch (t->kind) {
	case LWL_TYPE_STRING: case LWL_TYPE_BYTES:
		return 4 + (uint64_t)t->max;
	case LWL_TYPE_LINK:
		return 8 + 8 * count;
	case LWL_TYPE_GROUP: case LWL_TYPE_UNION: {
		const struct extent *inner = &extents[t->group - l->groups];
		uint64_t one, all;

		if (depth == LWL_DEPTH_MAX || !inner->possible[depth + 1])
			return 0;
		one = 8 + (uint64_t)inner->largest[depth + 1];
		all = (count - 1) * padded(one) + one;
		return t->list_bytes != 0 && all > t->list_bytes / 8 * 8 ? t->list_bytes / 8 * 8 : all;
	}
	default:
		return (t->align == 8 ? 8 : 4) + count * t->size;
	}
}

/* A group at one depth depends on groups that are one deeper. */
static void find_extent(const struct loader *l, struct extent *extents, uint32_t index, uint32_t depth)
{
	const struct lwl_schema_group *g = &l->groups[index];
	bool is_union = g->form == LWL_GROUP_UNION, possible = !is_union;
	uint64_t largest = 0;
	uint32_t i;

	for (i = 0; i < g->field_count; i++) {
		uint64_t size = field_extent(l, extents, &g->fields[i], depth);

		if (is_union) {
			possible = possible || size > 0;
			if (size > largest)
				largest = size;
		} else if (size > 0) {
			largest = padded(largest) + size;
		} else if (g->fields[i].presence == LWL_PRESENCE_REQUIRED) {
			possible = false;
		}
		/* More than any message, but not more than 32 bits. */
		if (largest > UINT32_MAX / 2)
			largest = UINT32_MAX / 2;
	}
	extents[index].possible[depth] = possible;
	extents[index].largest[depth] = possible ? (uint32_t)largest : 0;
}

static struct extent *find_extents(struct loader *l)
{
	struct extent *extents = calloc((size_t)l->group_count + 1, sizeof *extents);
	uint32_t i, depth;

	if (extents == NULL) {
		no_memory(l);
		return NULL;
	}
	for (depth = DEPTHS; depth-- > 0;)
		for (i = 0; i < l->group_count; i++)
			find_extent(l, extents, i, depth);
	return extents;
}

/* ---- messages ---- */

static const char *message_name(struct loader *l, const struct lwl_schema_command *c, const char *kind)
{
	const char *parts[] = { c->interface->library->prefix, c->interface->name, c->name, kind };
	struct heap *text = &l->text;
	size_t i;

	for (i = 0; i < 4; i++)
		if (!heap_add(l, text, ".", i > 0) ||
		    !heap_add(l, text, parts[i], strlen(parts[i])))
			return NULL;
	return settle(l, text);
}

static bool make_message(struct loader *l, struct lwl_schema_message *m, enum lwl_kind kind,
			 const struct lwl_schema_command *c, const struct lwl_schema_group *items,
			 const struct extent *extents)
{
	static const char *const kinds[] = { "request", "response", "oneway" };
	const struct extent *extent = &extents[items - l->groups];
	uint32_t room;

	m->name = message_name(l, c, kinds[kind]);
	if (m->name == NULL)
		return false;
	m->command = c;
	m->kind = kind;
	m->header = (uint16_t)(c->interface->id << 8 | c->number |
			       (kind == LWL_KIND_RESPONSE ? LWL_RESPONSE : 0));
	m->items = items;
	if (!extent->possible[0])
		return fail(l, "\"%s\" has no finite value", m->name);
	if (extent->largest[0] > LWL_MESSAGE_MAX - MESSAGE_ROOM - LWL_HEADER_SIZE)
		return fail(l, "\"%s\" can be larger than a message", m->name);
	m->largest = LWL_HEADER_SIZE + extent->largest[0];
	room = kind == LWL_KIND_RESPONSE && m->largest < ERROR_FORM ? ERROR_FORM : m->largest;
	m->room = lwl_padded(room) + MESSAGE_ROOM;
	return true;
}

static int message_by_name(const void *a, const void *b)
{
	const struct lwl_schema_message *const *x = a, *const *y = b;

	return strcmp((*x)->name, (*y)->name);
}

static int message_by_header(const void *a, const void *b)
{
	const struct lwl_schema_message *const *x = a, *const *y = b;

	if ((*x)->header != (*y)->header)
		return (*x)->header < (*y)->header ? -1 : 1;
	return (*x > *y) - (*x < *y);
}

static bool sort_messages(struct loader *l)
{
	struct loaded *out = l->out;
	uint32_t i, n = out->schema.message_count;

	out->by_name = take(l, (size_t)n + 1, sizeof *out->by_name);
	out->by_header = take(l, (size_t)n + 1, sizeof *out->by_header);
	if (out->by_name == NULL || out->by_header == NULL)
		return false;
	for (i = 0; i < n; i++)
		out->by_name[i] = out->by_header[i] = &out->schema.messages[i];
	qsort(out->by_name, n, sizeof *out->by_name, message_by_name);
	qsort(out->by_header, n, sizeof *out->by_header, message_by_header);
	for (i = 1; i < n; i++)
		if (strcmp(out->by_name[i]->name, out->by_name[i - 1]->name) == 0)
			return fail(l, "there are two messages \"%s\"", out->by_name[i]->name);
	return true;
}

static bool make_messages(struct loader *l, const struct extent *extents)
{
	const struct bodies *bodies = (const void *)l->bodies.data;
	struct lwl_schema_message *messages, *m;
	uint32_t i, k;

	if (l->message_count > UINT32_MAX)
		return no_memory(l);
	messages = m = take(l, (size_t)l->message_count + 1, sizeof *messages);
	if (messages == NULL)
		return false;
	for (i = 0; i < l->interface_count; i++) {
		/* The loader made them, and may still change them. */
		struct lwl_schema_command *commands =
			(struct lwl_schema_command *)(uintptr_t)l->interfaces[i].commands;

		for (k = 0; k < l->interfaces[i].command_count; k++, bodies++) {
			struct lwl_schema_command *c = &commands[k];

			c->request = m;
			if (!make_message(l, m++, c->is_oneway ? LWL_KIND_ONEWAY : LWL_KIND_REQUEST, c,
					  bodies->request, extents))
				return false;
			if (bodies->response == NULL)
				continue;
			c->response = m;
			if (!make_message(l, m++, LWL_KIND_RESPONSE, c, bodies->response, extents))
				return false;
		}
	}
	l->out->schema.messages = messages;
	l->out->schema.message_count = (uint32_t)l->message_count;
	return sort_messages(l);
}

/* ---- the whole ---- */

/* References to groups could point forward: are these the groups that were meant? */
static bool check_references(struct loader *l)
{
	uint32_t i, k;

	for (i = 0; i < l->group_count; i++)
		for (k = 0; k < l->groups[i].field_count; k++) {
			const struct lwl_schema_field *f = &l->groups[i].fields[k];

			if (f->type.group != NULL &&
			    f->type.group->form != (f->type.kind == LWL_TYPE_UNION ? LWL_GROUP_UNION
										 : LWL_GROUP_NAMED))
				return fail(l, "field \"%s\" refers to a group that is not what it says",
					    f->name);
		}
	return true;
}

/* Step over the messages, all of which must be sound; the last one is the end record. */
static bool check_messages(struct loader *l)
{
	uint16_t command = 0;

	while (l->at < l->size) {
		size_t left = l->size - l->at;

		if (left < LWL_HEADER_SIZE)
			return fail(l, "it is cut off within the header of a message");
		l->length = lwl_padded(lwl_load16(l->data + l->at + 14));
		command = lwl_load16(l->data + l->at + 12);
		if (l->length > left)
			return fail(l, "it is cut off within a message");
		if (lwl_message_check(l->data + l->at, l->length, &l->wire) != 0)
			return fail_wire(l);
		if (l->at == 0 && command != (RECORDS | RECORD_LIBRARY))
			return fail(l, "this is no binary schema");
		l->at += l->length;
		l->record++;
	}
	if (command == (RECORDS | RECORD_END)) {
		l->at -= l->length;
		l->record--;
		return true;
	}
	return fail(l, "the end is missing: it is cut off between two messages, or empty");
}

static bool read_end(struct loader *l)
{
	struct lwl_schema *schema = &l->out->schema;
	uint32_t counts[COUNTS_SIZE / 4];
	struct lwl_reader r;
	size_t i;

	memset(counts, 0, sizeof counts);
	begin_record(l, &r, RECORD_END);
	if (lwl_open_leaf(&r, 1, LWL_REQUIRED, COUNTS_SIZE, 4)) {
		for (i = 0; i < COUNTS_SIZE / 4; i++)
			counts[i] = lwl_load32(r.msg + r.value + 4 * i);
		lwl_close_leaf(&r);
	}
	if (!end_record(l, &r))
		return false;
	/* Each record is a message: what cannot be there needs no memory. */
	for (i = 0; i < COUNTS_SIZE / 4; i++)
		if (counts[i] > l->record)
			return fail(l, "it should have more records than there are messages");
	schema->library_count = counts[0];
	schema->constant_count = counts[1];
	schema->enum_count = counts[2];
	schema->struct_count = counts[3];
	schema->group_count = counts[4];
	schema->interface_count = counts[5];
	return true;
}

static bool make_tables(struct loader *l)
{
	struct lwl_schema *schema = &l->out->schema;

	schema->libraries = l->libraries = take(l, schema->library_count + 1u, sizeof *l->libraries);
	schema->constants = l->constants = take(l, schema->constant_count + 1u, sizeof *l->constants);
	schema->enums = l->enums = take(l, schema->enum_count + 1u, sizeof *l->enums);
	schema->structs = l->structs = take(l, schema->struct_count + 1u, sizeof *l->structs);
	schema->groups = l->groups = take(l, schema->group_count + 1u, sizeof *l->groups);
	schema->interfaces = l->interfaces = take(l, schema->interface_count + 1u,
						  sizeof *l->interfaces);
	return l->status == 0;
}

/* The records that make a table grow. */
static bool read_record(struct loader *l, uint16_t command)
{
	static bool (*const readers[])(struct loader *l) = {
		[RECORD_LIBRARY] = read_library, [RECORD_CONSTANT] = read_constant,
		[RECORD_ENUMERATION] = read_enum, [RECORD_STRUCTURE] = read_struct,
		[RECORD_GROUP] = read_group, [RECORD_IFACE] = read_interface,
	};
	const struct lwl_schema *schema = &l->out->schema;
	const uint32_t counts[][2] = {
		[RECORD_LIBRARY] = { l->library_count, schema->library_count },
		[RECORD_CONSTANT] = { l->constant_count, schema->constant_count },
		[RECORD_ENUMERATION] = { l->enum_count, schema->enum_count },
		[RECORD_STRUCTURE] = { l->struct_count, schema->struct_count },
		[RECORD_GROUP] = { l->group_count, schema->group_count },
		[RECORD_IFACE] = { l->interface_count, schema->interface_count },
	};
	unsigned record = command ^ RECORDS;

	if (record == RECORD_NOTE)
		return read_note(l);
	if (record == RECORD_END)
		return fail(l, "its end comes before others");
	if (record < RECORD_LIBRARY || record > RECORD_IFACE)
		return true;
	if (!end_note(l))
		return false;
	if (counts[record][0] == counts[record][1])
		return fail(l, "it has more records of a kind than its end says");
	return readers[record](l);
}

static bool read_records(struct loader *l)
{
	const struct lwl_schema *schema = &l->out->schema;
	size_t end = l->at;

	l->at = 0;
	l->record = 0;
	while (l->at < end) {
		l->length = lwl_padded(lwl_load16(l->data + l->at + 14));
		if (!read_record(l, lwl_load16(l->data + l->at + 12)))
			return false;
		l->at += l->length;
		l->record++;
	}
	if (!end_note(l))
		return false;
	if (l->library_count != schema->library_count || l->constant_count != schema->constant_count ||
	    l->enum_count != schema->enum_count || l->struct_count != schema->struct_count ||
	    l->group_count != schema->group_count || l->interface_count != schema->interface_count)
		return fail(l, "it has fewer records of a kind than its end says");
	l->out->schema.library = library_at_hand(l);
	return true;
}

static bool load(struct loader *l)
{
	struct extent *extents;
	bool done;

	if (!check_messages(l) || !read_end(l) || !make_tables(l) || !read_records(l) ||
	    !check_references(l))
		return false;
	extents = find_extents(l);
	done = extents != NULL && make_messages(l, extents);
	free(extents);
	return done;
}

bool lwl_schema_is_binary(const void *data, size_t size)
{
	return size >= LWL_HEADER_SIZE && lwl_load64(data) == 0 &&
	       lwl_load32((const uint8_t *)data + 8) == 0 &&
	       lwl_load16((const uint8_t *)data + 12) == (RECORDS | RECORD_LIBRARY);
}

int lwl_schema_load(struct lwl_schema **out, const void *data, size_t size,
		    struct lwl_schema_error *err)
{
	struct lwl_schema_error own;
	struct loader l = { .data = data, .size = size, .err = err != NULL ? err : &own };

	*out = NULL;
	memset(l.err, 0, sizeof *l.err);
	if (size > LWL_SCHEMA_SIZE_MAX) {
		too_large(&l, "it has more than %d bytes", (int)LWL_SCHEMA_SIZE_MAX);
		return l.status;
	}
	l.out = calloc(1, sizeof *l.out);
	if (l.out == NULL) {
		no_memory(&l);
		return l.status;
	}
	lwl_arena_init(&l.out->arena, size * LWL_SCHEMA_MEMORY_FACTOR + 65536);
	if (load(&l))
		*out = &l.out->schema;
	else
		lwl_schema_free(&l.out->schema);
	free(l.elements.data);
	free(l.text.data);
	free(l.bodies.data);
	return l.status;
}

void lwl_schema_free(struct lwl_schema *schema)
{
	struct loaded *loaded = (struct loaded *)(void *)schema;

	if (loaded == NULL)
		return;
	lwl_arena_free(&loaded->arena);
	free(loaded);
}

/* ---- finding ---- */

static const struct loaded *loaded_of(const struct lwl_schema *schema)
{
	return (const struct loaded *)(const void *)schema;
}

const struct lwl_schema_message *lwl_schema_find(const struct lwl_schema *schema, const char *type)
{
	const struct lwl_schema_message *const *by_name = loaded_of(schema)->by_name;
	uint32_t low = 0, high = schema->message_count;

	while (low < high) {
		uint32_t middle = low + (high - low) / 2;
		int order = strcmp(type, by_name[middle]->name);

		if (order == 0)
			return by_name[middle];
		if (order < 0)
			high = middle;
		else
			low = middle + 1;
	}
	return NULL;
}

static bool understands(const struct lwl_schema_interface *interface,
			const struct lwl_schema_message *message)
{
	uint32_t i;

	for (i = 0; i < interface->closure_count; i++)
		if (interface->closure[i] == message->command->interface)
			return true;
	return false;
}

const struct lwl_schema_message *lwl_schema_next(const struct lwl_schema *schema,
	const struct lwl_schema_interface *interface, uint16_t header,
	const struct lwl_schema_message *previous)
{
	const struct lwl_schema_message *const *by_header = loaded_of(schema)->by_header;
	uint32_t low = 0, high = schema->message_count;

	/* The first one that is behind `previous`, or has this header. */
	while (low < high) {
		uint32_t middle = low + (high - low) / 2;

		if (by_header[middle]->header < header ||
		    (by_header[middle]->header == header && previous != NULL &&
		     by_header[middle] <= previous))
			low = middle + 1;
		else
			high = middle;
	}
	for (; low < schema->message_count && by_header[low]->header == header; low++)
		if (interface == NULL || understands(interface, by_header[low]))
			return by_header[low];
	return NULL;
}

const struct lwl_schema_interface *lwl_schema_find_interface(const struct lwl_schema *schema,
	const char *name)
{
	uint32_t i;

	for (i = 0; i < schema->interface_count; i++) {
		const struct lwl_schema_interface *interface = &schema->interfaces[i];
		size_t prefix = strlen(interface->library->prefix);

		if (strncmp(name, interface->library->prefix, prefix) == 0 && name[prefix] == '.' &&
		    strcmp(name + prefix + 1, interface->name) == 0)
			return interface;
	}
	return NULL;
}

const struct lwl_schema_field *lwl_schema_field_numbered(const struct lwl_schema_group *group,
	uint16_t number)
{
	uint32_t low = 0, high = group->field_count;

	while (low < high) {
		uint32_t middle = low + (high - low) / 2;

		if (group->fields[middle].number == number)
			return &group->fields[middle];
		if (group->fields[middle].number < number)
			low = middle + 1;
		else
			high = middle;
	}
	return NULL;
}

static const struct lwl_schema_field *field_named(const struct lwl_schema_field *const *by_name,
						  uint32_t count, const char *name)
{
	uint32_t low = 0, high = count;

	while (low < high) {
		uint32_t middle = low + (high - low) / 2;
		int order = strcmp(name, by_name[middle]->name);

		if (order == 0)
			return by_name[middle];
		if (order < 0)
			high = middle;
		else
			low = middle + 1;
	}
	return NULL;
}

const struct lwl_schema_field *lwl_schema_field_named(const struct lwl_schema_group *group,
	const char *name)
{
	return field_named(group->by_name, group->field_count, name);
}

const struct lwl_schema_field *lwl_schema_struct_field(const struct lwl_schema_struct *structure,
	const char *name)
{
	return field_named(structure->by_name, structure->field_count, name);
}

const struct lwl_schema_member *lwl_schema_member_of(const struct lwl_schema_enum *enumeration,
	uint64_t value)
{
	uint32_t low = 0, high = enumeration->member_count;

	while (low < high) {
		uint32_t middle = low + (high - low) / 2;
		const struct lwl_schema_member *m = enumeration->by_value[middle];

		if (m->value == value)
			return m;
		if (m->value < value)
			low = middle + 1;
		else
			high = middle;
	}
	return NULL;
}

const struct lwl_schema_member *lwl_schema_member_named(const struct lwl_schema_enum *enumeration,
	const char *name)
{
	uint32_t low = 0, high = enumeration->member_count;

	while (low < high) {
		uint32_t middle = low + (high - low) / 2;
		int order = strcmp(name, enumeration->by_name[middle]->name);

		if (order == 0)
			return enumeration->by_name[middle];
		if (order < 0)
			high = middle;
		else
			low = middle + 1;
	}
	return NULL;
}

/* ---- types as text ---- */

/* Where the type is declared, if it is: prefix and name. */
static const char *declared(const struct lwl_schema_type *t, const char **prefix)
{
	switch (t->kind) {
	case LWL_TYPE_ENUM: case LWL_TYPE_FLAGS:
		*prefix = t->enumeration->library->prefix;
		return t->enumeration->name;
	case LWL_TYPE_STRUCT:
		*prefix = t->structure->library->prefix;
		return t->structure->name;
	case LWL_TYPE_GROUP:
		*prefix = t->group->library->prefix;
		return t->group->name;
	default:
		*prefix = NULL;
		return NULL;
	}
}

size_t lwl_schema_type_format(char *buf, size_t size, const struct lwl_schema_type *type)
{
	static const char *const kinds[] = {
		"bool", "u8", "u16", "u32", "u64", "s8", "s16", "s32", "s64", "f32", "f64",
		[LWL_TYPE_STRING] = "string", [LWL_TYPE_BYTES] = "bytes", [LWL_TYPE_UNION] = "union",
		[LWL_TYPE_LINK] = "link"
	};
	const char *prefix, *name = declared(type, &prefix);
	char bounds[80] = "", shape[80] = "";
	bool is_text = type->kind == LWL_TYPE_STRING || type->kind == LWL_TYPE_BYTES;
	int n;

	if (is_text && type->min > 0)
		snprintf(bounds, sizeof bounds, "<%lu..%lu>", (unsigned long)type->min,
			 (unsigned long)type->max);
	else if (is_text)
		snprintf(bounds, sizeof bounds, "<%lu>", (unsigned long)type->max);
	if (type->shape == LWL_SHAPE_ARRAY)
		snprintf(shape, sizeof shape, "[%lu]", (unsigned long)type->max);
	else if (type->shape == LWL_SHAPE_LIST && type->list_bytes != 0)
		snprintf(shape, sizeof shape, "[..%lu in %lu]", (unsigned long)type->max,
			 (unsigned long)type->list_bytes);
	else if (type->shape == LWL_SHAPE_LIST)
		snprintf(shape, sizeof shape, "[..%lu]", (unsigned long)type->max);
	if (name != NULL)
		n = snprintf(buf, size, "%s.%s%s", prefix, name, shape);
	else if (type->interface != NULL)
		n = snprintf(buf, size, "link<%s.%s>%s", type->interface->library->prefix,
			     type->interface->name, shape);
	else
		n = snprintf(buf, size, "%s%s%s", kinds[type->kind], bounds, shape);
	return n < 0 ? 0 : (size_t)n;
}

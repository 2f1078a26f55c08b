/*
 * Diagnostics: kept, sorted, printed.  The only file that knows lines and columns.
 */
#include <jansson.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "arena.h"
#include "diag.h"

struct note {
	struct location where;
	const char *text;
	struct note *next;
};

struct diag {
	enum diag_number number;
	struct location where;
	const char *text;
	const char *help;		/* NULL: none */
	struct note *notes, **next_note;
	size_t sequence;		/* order of reporting, the last key of the sort */
};

struct diagnostics {
	struct arena *arena;
	struct diag *reports[DIAG_LIMIT + 1];
	size_t count;
	struct diag dropped;		/* takes the notes and the help of what is not kept */
};

/* Characters */

enum { NO_CHARACTER = 0x110000 };	/* one above the last */

enum { MESSAGE_MAX = 1000 };	/* bytes of one message that are shown */

/*
 * The character at `text`, of which `length` > 0 bytes are left; returns how many bytes it takes.
 * A byte that is not part of valid UTF-8 counts as one character, NO_CHARACTER.
 */
static uint32_t character_at(const char *text, size_t length, uint32_t *character)
{
	const unsigned char *byte = (const unsigned char *)text;
	uint32_t value, least, more;

	*character = NO_CHARACTER;
	if (byte[0] < 0x80) {
		*character = byte[0];
		return 1;
	}
	if (byte[0] < 0xc2 || byte[0] > 0xf4)
		return 1;
	more = byte[0] < 0xe0 ? 1 : byte[0] < 0xf0 ? 2 : 3;
	least = more == 1 ? 0x80 : more == 2 ? 0x800 : 0x10000;
	if (length <= more)
		return 1;
	value = byte[0] & (0x3fU >> more);
	for (uint32_t i = 1; i <= more; i++) {
		if ((byte[i] & 0xc0) != 0x80)
			return 1;
		value = value << 6 | (byte[i] & 0x3fU);
	}
	if (value < least || value > 0x10ffff || (value >= 0xd800 && value <= 0xdfff))
		return 1;
	*character = value;
	return more + 1;
}

/* Whether a terminal may be moved or confused by it: controls, and marks that turn text around. */
static bool is_unprintable(uint32_t character)
{
	return character < 0x20 || (character >= 0x7f && character < 0xa0) ||
	       character == 0x200e || character == 0x200f ||
	       (character >= 0x2028 && character <= 0x202e) ||
	       (character >= 0x2066 && character <= 0x2069) || character == NO_CHARACTER;
}

/*
 * Texts may quote what stands in a file or in a file's name: valid UTF-8 without controls comes
 * out, whatever goes in.
 */
static const char *cleaned(struct arena *arena, const char *text)
{
	size_t length = strnlen(text, MESSAGE_MAX + 1), room = 1;
	char *out, *end;
	uint32_t character, bytes;

	for (size_t at = 0; at < length; at += bytes) {
		bytes = character_at(text + at, length - at, &character);
		room += is_unprintable(character) ? (size_t)4 * bytes : bytes;
	}
	if (length > MESSAGE_MAX)
		return arena_printf(arena, "%s...", cleaned(arena, arena_copy(arena, text, MESSAGE_MAX)));
	if (room == length + 1)
		return text;
	out = end = arena_array(arena, room, 1);
	for (size_t at = 0; at < length; at += bytes) {
		bytes = character_at(text + at, length - at, &character);
		if (!is_unprintable(character)) {
			memcpy(end, text + at, bytes);
			end += bytes;
			continue;
		}
		for (uint32_t i = 0; i < bytes; i++)
			end += sprintf(end, "\\x%02x", (unsigned char)text[at + i]);
	}
	return out;
}

/* Keeping */

struct diagnostics *diag_new(struct arena *arena)
{
	struct diagnostics *d = arena_alloc(arena, sizeof *d);

	d->arena = arena;
	return d;
}

static struct diag *keep(struct diagnostics *d, enum diag_number number, struct location where,
			 const char *text)
{
	struct diag *report = arena_alloc(d->arena, sizeof *report);

	report->number = number;
	report->where = where;
	report->text = text;
	report->next_note = &report->notes;
	report->sequence = d->count;
	d->reports[d->count++] = report;
	return report;
}

/* Two reports without a place are the same only if they say the same. */
static bool is_known(const struct diagnostics *d, enum diag_number number, struct location where,
		     const char *text)
{
	for (size_t i = 0; i < d->count; i++) {
		const struct diag *report = d->reports[i];

		if (report->number != number || report->where.source != where.source)
			continue;
		if (where.source == NULL ? strcmp(report->text, text) == 0
					 : report->where.start == where.start)
			return true;
	}
	return false;
}

struct diag *diag_error(struct diagnostics *d, enum diag_number number, struct location where,
			const char *format, ...)
{
	const struct location nowhere = { NULL, 0, 0 };
	const char *text;
	va_list arguments;

	if (d->count > DIAG_LIMIT)
		return &d->dropped;
	va_start(arguments, format);
	text = cleaned(d->arena, arena_vprintf(d->arena, format, arguments));
	va_end(arguments);
	if (is_known(d, number, where, text))
		return &d->dropped;
	if (d->count == DIAG_LIMIT) {
		keep(d, DIAG_TOO_MANY, nowhere,
		     arena_printf(d->arena, "more than %d errors; the rest is not shown",
				  DIAG_LIMIT));
		return &d->dropped;
	}
	return keep(d, number, where, text);
}

void diag_note(struct diagnostics *d, struct diag *report, struct location where,
	       const char *format, ...)
{
	struct note *note;
	va_list arguments;

	if (report == &d->dropped)
		return;
	note = arena_alloc(d->arena, sizeof *note);
	note->where = where;
	va_start(arguments, format);
	note->text = cleaned(d->arena, arena_vprintf(d->arena, format, arguments));
	va_end(arguments);
	*report->next_note = note;
	report->next_note = &note->next;
}

void diag_help(struct diagnostics *d, struct diag *report, const char *format, ...)
{
	va_list arguments;

	if (report == &d->dropped)
		return;
	va_start(arguments, format);
	report->help = cleaned(d->arena, arena_vprintf(d->arena, format, arguments));
	va_end(arguments);
}

size_t diag_count(const struct diagnostics *d)
{
	return d->count;
}

static int compare_numbers(size_t a, size_t b)
{
	return (a > b) - (a < b);
}

static int compare_reports(const void *first, const void *second)
{
	const struct diag *a = *(struct diag *const *)first, *b = *(struct diag *const *)second;
	int order;

	order = (a->number == DIAG_TOO_MANY) - (b->number == DIAG_TOO_MANY);
	if (order != 0)
		return order;
	order = (a->where.source != NULL) - (b->where.source != NULL);
	if (order == 0 && a->where.source != NULL) {
		order = compare_numbers(a->where.source->order, b->where.source->order);
		if (order == 0)
			order = compare_numbers(a->where.start, b->where.start);
	}
	if (order == 0)
		order = compare_numbers(a->number, b->number);
	return order != 0 ? order : compare_numbers(a->sequence, b->sequence);
}

/* Lines and columns */

struct place {
	uint32_t line, column;		/* from 1 */
	uint32_t line_start;		/* byte offsets */
	uint32_t offset;
};

/*
 * The places of a source's characters at every STRIDE bytes, so that finding any place takes a
 * short walk, even in a large file that is one line.
 */
enum { STRIDE = 4096 };

struct map {
	const struct source *source;
	const char *path;
	struct place *marks;
	size_t mark_count;
	struct map *next;
};

struct printer {
	struct arena *arena;		/* of this printing alone */
	struct map *maps;
	FILE *out;
	const char *bold, *red, *cyan, *plain;
};

/* The number of bytes before the first character that counts: those of a byte order mark. */
static uint32_t text_start(const struct source *source)
{
	return source->length >= 3 && memcmp(source->text, "\xef\xbb\xbf", 3) == 0 ? 3 : 0;
}

static void step(const struct source *source, struct place *place)
{
	uint32_t character;

	place->offset += character_at(source->text + place->offset,
				      source->length - place->offset, &character);
	place->column++;
	if (character == '\n') {
		place->line++;
		place->column = 1;
		place->line_start = place->offset;
	}
}

static struct map *map_of(struct printer *printer, const struct source *source)
{
	struct place place = { 1, 1, text_start(source), text_start(source) };
	struct map *map;

	for (map = printer->maps; map != NULL; map = map->next) {
		if (map->source == source)
			return map;
	}
	map = arena_alloc(printer->arena, sizeof *map);
	map->source = source;
	map->path = cleaned(printer->arena, source->path);
	map->marks = arena_array(printer->arena, source->length / STRIDE + 1, sizeof *map->marks);
	for (;;) {
		if (place.offset >= map->mark_count * STRIDE)
			map->marks[map->mark_count++] = place;
		if (place.offset >= source->length)
			break;
		step(source, &place);
	}
	map->next = printer->maps;
	printer->maps = map;
	return map;
}

static struct place place_of(const struct map *map, uint32_t offset)
{
	size_t mark = offset / STRIDE;
	struct place place, next;

	if (mark >= map->mark_count)
		mark = map->mark_count - 1;
	if (mark > 0 && map->marks[mark].offset > offset)
		mark--;
	place = map->marks[mark];
	while (place.offset < offset && place.offset < map->source->length) {
		next = place;
		step(map->source, &next);
		if (next.offset > offset)
			break;		/* `offset` is inside this character */
		place = next;
	}
	return place;
}

/* Text */

enum {
	SHOWN_WHOLE = 100,		/* columns of a line that is shown whole */
	SHOWN_BEFORE = 50,		/* of a longer one: columns before the caret */
	SHOWN_ALL = 90			/* and altogether, without the dots */
};

/* The line of a report, or a window of it, and the line below it that points. */
static void print_line(const struct printer *printer, const struct map *map,
		       const struct location *where)
{
	const struct source *source = map->source;
	struct place caret = place_of(map, where->start);
	struct place first = caret, at;
	uint32_t stop = SHOWN_WHOLE, width = 0, shown = 0, underlined = 0;
	bool cut;

	first.offset = caret.line_start;
	first.column = 1;
	for (at = first; at.offset < source->length && source->text[at.offset] != '\n' &&
	     width <= SHOWN_WHOLE; step(source, &at))
		width++;
	if (at.offset > first.offset && source->text[at.offset - 1] == '\r')
		width--;
	if (width > SHOWN_WHOLE) {
		stop = SHOWN_ALL;
		if (caret.column > SHOWN_BEFORE) {
			/* Back by up to four bytes a character, then forward to the right one. */
			uint32_t back = caret.offset - caret.line_start;

			if (back > 4 * SHOWN_BEFORE)
				back = 4 * SHOWN_BEFORE;
			first = place_of(map, caret.offset - back);
			while (first.column + SHOWN_BEFORE < caret.column)
				step(source, &first);
		}
	}

	fprintf(printer->out, "%5u |", (unsigned)caret.line);
	if (width > 0)
		fputc(' ', printer->out);
	if (first.column > 1)
		fputs("...", printer->out);
	for (at = first; shown < stop && at.offset < source->length; shown++) {
		const char *text = source->text + at.offset;
		uint32_t character, bytes;

		bytes = character_at(text, source->length - at.offset, &character);
		if (character == '\n' || (character == '\r' && text[1] == '\n'))
			break;
		if (character == '\t' || !is_unprintable(character))
			fwrite(text, 1, bytes, printer->out);
		else
			fputc('?', printer->out);
		if (at.offset >= caret.offset && at.offset < where->end)
			underlined++;
		step(source, &at);
	}
	cut = shown == stop && at.offset < source->length && source->text[at.offset] != '\n' &&
	      width > SHOWN_WHOLE;
	fputs(cut ? "...\n" : "\n", printer->out);

	fprintf(printer->out, "      | %s", first.column > 1 ? "   " : "");
	for (at = first; at.offset < caret.offset; step(source, &at))
		fputc(source->text[at.offset] == '\t' ? '\t' : ' ', printer->out);
	fprintf(printer->out, "%s^", printer->red);
	while (underlined-- > 1)
		fputc('~', printer->out);
	fprintf(printer->out, "%s\n", printer->plain);
}

/* "vfs.lwl:31:9: ", or nothing for a report without a place. */
static void print_place(const struct printer *printer, const struct map *map, uint32_t offset)
{
	struct place place;

	if (map == NULL)
		return;
	place = place_of(map, offset);
	fprintf(printer->out, "%s%s:%u:%u:%s ", printer->bold, map->path, (unsigned)place.line,
		(unsigned)place.column, printer->plain);
}

static void print_text(struct printer *printer, const struct diag *report)
{
	const struct map *map = NULL;

	if (report->where.source != NULL)
		map = map_of(printer, report->where.source);
	print_place(printer, map, report->where.start);
	fprintf(printer->out, "%serror[L%04d]:%s %s\n", printer->red, (int)report->number,
		printer->plain, report->text);
	if (map != NULL)
		print_line(printer, map, &report->where);
	for (const struct note *note = report->notes; note != NULL; note = note->next) {
		map = NULL;
		if (note->where.source != NULL)
			map = map_of(printer, note->where.source);
		print_place(printer, map, note->where.start);
		fprintf(printer->out, "%snote:%s %s\n", printer->cyan, printer->plain, note->text);
	}
	if (report->help != NULL)
		fprintf(printer->out, "%shelp:%s %s\n", printer->cyan, printer->plain,
			report->help);
}

/* JSON */

static void json_place(struct printer *printer, json_t *object, const struct location *where)
{
	static const char *const keys[] = { "file", "line", "column", "end_line", "end_column" };
	const struct map *map;
	struct place start, end;

	if (where->source == NULL) {
		for (size_t i = 0; i < sizeof keys / sizeof *keys; i++)
			json_object_set_new(object, keys[i], json_null());
		return;
	}
	map = map_of(printer, where->source);
	start = place_of(map, where->start);
	end = place_of(map, where->end < where->start ? where->start : where->end);
	json_object_set_new(object, keys[0], json_string(map->path));
	json_object_set_new(object, keys[1], json_integer(start.line));
	json_object_set_new(object, keys[2], json_integer(start.column));
	json_object_set_new(object, keys[3], json_integer(end.line));
	json_object_set_new(object, keys[4], json_integer(end.column));
}

static json_t *json_report(struct printer *printer, const struct diag *report)
{
	json_t *object = json_object(), *notes = json_array();
	char number[16];

	snprintf(number, sizeof number, "L%04d", (int)report->number);
	json_object_set_new(object, "number", json_string(number));
	json_object_set_new(object, "message", json_string(report->text));
	json_place(printer, object, &report->where);
	for (const struct note *note = report->notes; note != NULL; note = note->next) {
		json_t *entry = json_object();

		json_object_set_new(entry, "message", json_string(note->text));
		json_place(printer, entry, &note->where);
		json_array_append_new(notes, entry);
	}
	json_object_set_new(object, "notes", notes);
	json_object_set_new(object, "help",
			    report->help != NULL ? json_string(report->help) : json_null());
	return object;
}

/* Printing */

void diag_print(const struct diagnostics *d, FILE *out, enum diag_format format)
{
	struct printer printer = { NULL, NULL, out, "", "", "", "" };
	struct diag *sorted[DIAG_LIMIT + 1];
	json_t *array;

	memcpy(sorted, d->reports, d->count * sizeof *sorted);
	qsort(sorted, d->count, sizeof *sorted, compare_reports);
	printer.arena = arena_new();
	switch (format) {
	case DIAG_TEXT_COLOUR:
		printer.bold = "\33[1m";
		printer.red = "\33[1;31m";
		printer.cyan = "\33[1;36m";
		printer.plain = "\33[0m";
		/* fall through */
	case DIAG_TEXT:
		for (size_t i = 0; i < d->count; i++)
			print_text(&printer, sorted[i]);
		break;
	case DIAG_JSON:
		array = json_array();
		for (size_t i = 0; i < d->count; i++)
			json_array_append_new(array, json_report(&printer, sorted[i]));
		json_dumpf(array, out, JSON_INDENT(2));
		fputc('\n', out);
		json_decref(array);
		break;
	}
	arena_free(printer.arena);
}

static const struct {
	unsigned number;
	const char *title, *explanation;
} entries[] = {
#define DIAG(number, name, title, explanation) { number, title, explanation },
#include "diag.def"
#undef DIAG
};

bool diag_explain(FILE *out, unsigned n)
{
	for (size_t i = 0; i < sizeof entries / sizeof *entries; i++) {
		if (entries[i].number == n) {
			fprintf(out, "L%04u: %s\n\n%s", n, entries[i].title,
				entries[i].explanation);
			return true;
		}
	}
	return false;
}

void diag_list(FILE *out)
{
	for (size_t i = 0; i < sizeof entries / sizeof *entries; i++)
		fprintf(out, "L%04u %s\n", entries[i].number, entries[i].title);
}

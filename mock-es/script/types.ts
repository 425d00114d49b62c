/** Names of types in scripts. */

/** Types that variables may have and values may be cast to, with Java's names of them. */
export const javaTypes: Readonly<Record<string, string>> = {
  def: "java.lang.Object",
  void: "void",
  int: "int",
  long: "long",
  short: "short",
  byte: "byte",
  char: "char",
  float: "float",
  double: "double",
  boolean: "boolean",
  String: "java.lang.String",
  CharSequence: "java.lang.CharSequence",
  Object: "java.lang.Object",
  Number: "java.lang.Number",
  Integer: "java.lang.Integer",
  Long: "java.lang.Long",
  Short: "java.lang.Short",
  Byte: "java.lang.Byte",
  Double: "java.lang.Double",
  Float: "java.lang.Float",
  Boolean: "java.lang.Boolean",
  List: "java.util.List",
  Map: "java.util.Map",
  Set: "java.util.Set",
  Collection: "java.util.Collection",
  Iterable: "java.lang.Iterable",
  Iterator: "java.util.Iterator",
  ArrayList: "java.util.ArrayList",
  LinkedList: "java.util.LinkedList",
  HashMap: "java.util.HashMap",
  LinkedHashMap: "java.util.LinkedHashMap",
  TreeMap: "java.util.TreeMap",
  HashSet: "java.util.HashSet",
  LinkedHashSet: "java.util.LinkedHashSet",
  TreeSet: "java.util.TreeSet",
  "Map.Entry": "java.util.Map$Entry",
  StringBuilder: "java.lang.StringBuilder",
  StringJoiner: "java.util.StringJoiner",
  StringTokenizer: "java.util.StringTokenizer",
  Optional: "java.util.Optional",
  Stream: "java.util.stream.Stream",
  IntStream: "java.util.stream.IntStream",
  DoubleStream: "java.util.stream.DoubleStream",
  LongStream: "java.util.stream.LongStream",
  Pattern: "java.util.regex.Pattern",
  Matcher: "java.util.regex.Matcher",
  Function: "java.util.function.Function",
  BiFunction: "java.util.function.BiFunction",
  Predicate: "java.util.function.Predicate",
  Consumer: "java.util.function.Consumer",
  Supplier: "java.util.function.Supplier",
  Comparator: "java.util.Comparator",
  ZonedDateTime: "java.time.ZonedDateTime",
  LocalDate: "java.time.LocalDate",
  LocalDateTime: "java.time.LocalDateTime",
  Instant: "java.time.Instant",
  Duration: "java.time.Duration",
  ZoneId: "java.time.ZoneId",
  DateTimeFormatter: "java.time.format.DateTimeFormatter",
  Exception: "java.lang.Exception",
};

/** True for the name of a type that a variable may have. */
export function isType(name: string): boolean {
  return Object.hasOwn(javaTypes, name);
}

/** Exceptions that scripts may catch, with the server's names of them. */
const exceptions: Readonly<Record<string, string>> = {
  ArithmeticException: "arithmetic_exception",
  ClassCastException: "class_cast_exception",
  DateTimeException: "date_time_exception",
  DateTimeParseException: "date_time_parse_exception",
  IllegalArgumentException: "illegal_argument_exception",
  IllegalStateException: "illegal_state_exception",
  IndexOutOfBoundsException: "index_out_of_bounds_exception",
  NoSuchElementException: "no_such_element_exception",
  NullPointerException: "null_pointer_exception",
  NumberFormatException: "number_format_exception",
  StringIndexOutOfBoundsException: "string_index_out_of_bounds_exception",
  UnsupportedOperationException: "unsupported_operation_exception",
};

/** What else is caught with an exception: its subclasses. */
const narrower: Readonly<Record<string, readonly string[]>> = {
  IllegalArgumentException: ["number_format_exception"],
  IndexOutOfBoundsException: ["string_index_out_of_bounds_exception"],
  DateTimeException: ["date_time_parse_exception"],
};

/** The server's name of an exception that a script may make; `undefined` for one it cannot. */
export function exceptionType(name: string): string | undefined {
  if (name === "Exception") return "exception";
  if (name === "RuntimeException") return "runtime_exception";
  return Object.hasOwn(exceptions, name) ? exceptions[name] : undefined;
}

/** True when `catch (name e)` takes an exception of a type. */
export function isCaught(name: string, type: string): boolean {
  if (type === "painless_error") return false;
  if (name === "Exception" || name === "RuntimeException") return true;
  return exceptions[name] === type || narrower[name]?.includes(type) === true;
}

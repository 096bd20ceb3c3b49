import type { Dialect } from './token.ts';

export interface SqlFunction {
  readonly name: string;
  /** Parameters as they are shown while typing: `text, pattern`. */
  readonly parameters: readonly string[];
  readonly returns: string;
  readonly about: string;
  readonly kind: 'aggregate' | 'window' | 'scalar' | 'table';
}

/** One a line: name | parameters | returns | kind | what it does. */
const COMMON = `
count|expression or *|integer|aggregate|Rows where the expression is not NULL; all rows with *.
sum|number|number|aggregate|Sum of the values that are not NULL; NULL of none.
avg|number|real|aggregate|Mean of the values that are not NULL.
min|value|same|aggregate|Smallest value.
max|value|same|aggregate|Largest value.
row_number||integer|window|Number of the row in its partition, from 1.
rank||integer|window|Rank with gaps.
dense_rank||integer|window|Rank without gaps.
percent_rank||real|window|(rank − 1) / (rows − 1).
cume_dist||real|window|Share of rows up to this one.
ntile|buckets|integer|window|Number of the bucket, of equal sizes.
lag|value,offset,default|same|window|Value of an earlier row of the partition.
lead|value,offset,default|same|window|Value of a later row of the partition.
first_value|value|same|window|Value of the first row of the frame.
last_value|value|same|window|Value of the last row of the frame.
nth_value|value,n|same|window|Value of the nth row of the frame.
coalesce|value,value…|same|scalar|The first that is not NULL.
nullif|a,b|same|scalar|NULL when both are equal, else a.
abs|number|number|scalar|Absolute value.
round|number,digits|number|scalar|Rounded to so many digits.
length|text|integer|scalar|Number of characters.
lower|text|text|scalar|In lower case.
upper|text|text|scalar|In upper case.
trim|text,characters|text|scalar|Without these characters at both ends; spaces by default.
ltrim|text,characters|text|scalar|Without these characters at the start.
rtrim|text,characters|text|scalar|Without these characters at the end.
replace|text,from,to|text|scalar|Every occurrence replaced.
substr|text,start,length|text|scalar|Part of the text; start counts from 1.
ceil|number|number|scalar|Next integer up.
floor|number|number|scalar|Next integer down.
power|base,exponent|number|scalar|Base to the power of exponent.
sqrt|number|real|scalar|Square root.
ln|number|real|scalar|Natural logarithm.
sign|number|integer|scalar|−1, 0 or 1.
`;
const SQLITE = `
total|number|real|aggregate|Sum as a real; 0.0 of none.
group_concat|text,separator|text|aggregate|Values joined; comma by default.
string_agg|text,separator|text|aggregate|Values joined.
json_group_array|value|text|aggregate|Values as a JSON array.
json_group_object|name,value|text|aggregate|Pairs as a JSON object.
ifnull|a,b|same|scalar|b when a is NULL.
iif|condition,then,else|same|scalar|One of two by a condition.
instr|text,part|integer|scalar|Where the part begins, from 1; 0 when it is not there.
printf|format,value…|text|scalar|Formatted text.
format|format,value…|text|scalar|Formatted text.
typeof|value|text|scalar|integer, real, text, blob or null.
date|moment,modifier…|text|scalar|YYYY-MM-DD. Modifiers: 'start of month', '+7 days', 'unixepoch' …
time|moment,modifier…|text|scalar|HH:MM:SS.
datetime|moment,modifier…|text|scalar|YYYY-MM-DD HH:MM:SS.
julianday|moment,modifier…|real|scalar|Days since noon, 24 November 4714 BC.
unixepoch|moment,modifier…|integer|scalar|Seconds since 1970-01-01 UTC.
strftime|format,moment,modifier…|text|scalar|Formatted time: %Y %m %d %H %M %S %f %s %w %W.
timediff|a,b|text|scalar|Time between two moments.
json|text|text|scalar|The JSON, minified; an error when it is none.
json_extract|json,path…|value|scalar|Value at '$.path'.
json_type|json,path|text|scalar|Type of the value at a path.
json_valid|text|integer|scalar|1 when the text is JSON.
json_array_length|json,path|integer|scalar|Number of elements.
json_object|name,value…|text|scalar|A JSON object.
json_array|value…|text|scalar|A JSON array.
json_quote|value|text|scalar|The value as JSON.
hex|blob|text|scalar|Hexadecimal digits.
quote|value|text|scalar|The value as an SQL literal.
random||integer|scalar|A random 64-bit integer.
json_each|json,path|key, value, type, atom, id, parent, fullkey, path|table|One row for each element.
json_tree|json,path|key, value, type, atom, id, parent, fullkey, path|table|One row for each element, however deep.
`;
const POSTGRES = `
array_agg|value|array|aggregate|Values as an array.
string_agg|text,separator|text|aggregate|Values joined.
json_agg|value|json|aggregate|Values as a JSON array.
jsonb_agg|value|jsonb|aggregate|Values as a JSON array.
jsonb_object_agg|name,value|jsonb|aggregate|Pairs as a JSON object.
bool_and|boolean|boolean|aggregate|True when all are.
bool_or|boolean|boolean|aggregate|True when any is.
percentile_cont|fraction|double precision|aggregate|Percentile, interpolated: … WITHIN GROUP (ORDER BY x).
percentile_disc|fraction|same|aggregate|Percentile, a value that occurs: … WITHIN GROUP (ORDER BY x).
mode||same|aggregate|Most frequent value: … WITHIN GROUP (ORDER BY x).
stddev|number|number|aggregate|Standard deviation of a sample.
variance|number|number|aggregate|Variance of a sample.
corr|y,x|double precision|aggregate|Correlation.
greatest|value,value…|same|scalar|The largest that is not NULL.
least|value,value…|same|scalar|The smallest that is not NULL.
now||timestamptz|scalar|When the transaction began.
date_trunc|unit,moment,zone|timestamptz|scalar|Cut to 'hour', 'day', 'week', 'month' …
date_part|unit,moment|double precision|scalar|One field of a moment.
date_bin|stride,moment,origin|timestamptz|scalar|Start of the interval it falls in.
extract|unit FROM moment|numeric|scalar|One field of a moment.
age|moment,moment|interval|scalar|Time between two moments.
to_char|value,format|text|scalar|Formatted: 'YYYY-MM-DD HH24:MI'.
to_timestamp|seconds|timestamptz|scalar|From seconds since 1970.
make_interval|years,months,weeks,days,hours,mins,secs|interval|scalar|An interval.
split_part|text,separator,n|text|scalar|The nth part.
regexp_replace|text,pattern,replacement,flags|text|scalar|By a regular expression.
regexp_match|text,pattern,flags|text[]|scalar|Groups of the first match.
position|part IN text|integer|scalar|Where the part begins, from 1.
strpos|text,part|integer|scalar|Where the part begins, from 1.
left|text,n|text|scalar|The first n characters.
right|text,n|text|scalar|The last n characters.
concat|value…|text|scalar|Joined; NULL counts as nothing.
concat_ws|separator,value…|text|scalar|Joined with a separator.
format|format,value…|text|scalar|Formatted text: %s %I %L.
md5|text|text|scalar|MD5 in hexadecimal digits.
width_bucket|value,low,high,count|integer|scalar|Bucket of a histogram.
jsonb_typeof|jsonb|text|scalar|Type of the value.
jsonb_array_length|jsonb|integer|scalar|Number of elements.
jsonb_build_object|name,value…|jsonb|scalar|A JSON object.
jsonb_path_query_first|jsonb,path|jsonb|scalar|First value of a JSON path.
to_jsonb|value|jsonb|scalar|Any value as JSON.
array_length|array,dimension|integer|scalar|Number of elements.
cardinality|array|integer|scalar|Number of elements.
generate_series|from,to,step|generate_series|table|One row for each step.
unnest|array|unnest|table|One row for each element.
jsonb_each|jsonb|key, value|table|One row for each key.
jsonb_each_text|jsonb|key, value|table|One row for each key, values as text.
jsonb_object_keys|jsonb|jsonb_object_keys|table|One row for each key.
jsonb_array_elements|jsonb|value|table|One row for each element.
jsonb_array_elements_text|jsonb|value|table|One row for each element, as text.
regexp_split_to_table|text,pattern|regexp_split_to_table|table|One row for each part.
`;

const read = (text: string): readonly SqlFunction[] =>
  text
    .trim()
    .split('\n')
    .map((line) => {
      const [name = '', parameters = '', returns = '', kind = 'scalar', about = ''] = line.split('|');
      const list = parameters === '' ? [] : parameters.split(',').map((p) => p.trim());
      return { name, parameters: list, returns, kind: kind as SqlFunction['kind'], about };
    });

const BY_DIALECT: Readonly<Record<Dialect, readonly SqlFunction[]>> = {
  sqlite: [...read(COMMON), ...read(SQLITE)],
  postgres: [...read(COMMON), ...read(POSTGRES)],
};

export const getFunctions = (dialect: Dialect): readonly SqlFunction[] => BY_DIALECT[dialect];
export const findFunction = (name: string, dialect: Dialect): SqlFunction | undefined =>
  BY_DIALECT[dialect].find((f) => f.name === name.toLowerCase());
/** `round(number, digits)` */
export const getSignature = (f: SqlFunction): string => `${f.name}(${f.parameters.join(', ')})`;
/** Columns of a table function. */
export const getFunctionColumns = (f: SqlFunction): readonly string[] =>
  f.kind === 'table' ? f.returns.split(', ') : [];

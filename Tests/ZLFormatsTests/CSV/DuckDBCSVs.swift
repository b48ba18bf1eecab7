// CSV texts and what DuckDB 2.0's read_csv makes of them: names, types, rows cast to VARCHAR.
struct DuckDBCSV: Sendable {
    var name: String
    var text: String
    var columns: [String]
    var rows: [[String?]]
}

let duckDBCSVs: [DuckDBCSV] = [
    DuckDBCSV(
        name: "1e3", text: "a;b\n1e3;x\n1e3;x\n",
        columns: ["a DOUBLE", "b VARCHAR"],
        rows: [["1000.0", "x"], ["1000.0", "x"]]),
    DuckDBCSV(
        name: "1.5", text: "a;b\n1.5;x\n1.5;x\n",
        columns: ["a DOUBLE", "b VARCHAR"],
        rows: [["1.5", "x"], ["1.5", "x"]]),
    DuckDBCSV(
        name: "1_000", text: "a;b\n1_000;x\n1_000;x\n",
        columns: ["a VARCHAR", "b VARCHAR"],
        rows: [["1_000", "x"], ["1_000", "x"]]),
    DuckDBCSV(
        name: " 12", text: "a;b\n 12;x\n 12;x\n",
        columns: ["a BIGINT", "b VARCHAR"],
        rows: [["12", "x"], ["12", "x"]]),
    DuckDBCSV(
        name: "12 ", text: "a;b\n12 ;x\n12 ;x\n",
        columns: ["a BIGINT", "b VARCHAR"],
        rows: [["12", "x"], ["12", "x"]]),
    DuckDBCSV(
        name: "+5", text: "a;b\n+5;x\n+5;x\n",
        columns: ["a VARCHAR", "b VARCHAR"],
        rows: [["+5", "x"], ["+5", "x"]]),
    DuckDBCSV(
        name: "00012", text: "a;b\n00012;x\n00012;x\n",
        columns: ["a VARCHAR", "b VARCHAR"],
        rows: [["00012", "x"], ["00012", "x"]]),
    DuckDBCSV(
        name: "true", text: "a;b\ntrue;x\ntrue;x\n",
        columns: ["a BOOLEAN", "b VARCHAR"],
        rows: [["true", "x"], ["true", "x"]]),
    DuckDBCSV(
        name: "t", text: "a;b\nt;x\nt;x\n",
        columns: ["a BOOLEAN", "b VARCHAR"],
        rows: [["true", "x"], ["true", "x"]]),
    DuckDBCSV(
        name: "1", text: "a;b\n1;x\n1;x\n",
        columns: ["a BIGINT", "b VARCHAR"],
        rows: [["1", "x"], ["1", "x"]]),
    DuckDBCSV(
        name: "yes", text: "a;b\nyes;x\nyes;x\n",
        columns: ["a BOOLEAN", "b VARCHAR"],
        rows: [["true", "x"], ["true", "x"]]),
    DuckDBCSV(
        name: "TRUE", text: "a;b\nTRUE;x\nTRUE;x\n",
        columns: ["a BOOLEAN", "b VARCHAR"],
        rows: [["true", "x"], ["true", "x"]]),
    DuckDBCSV(
        name: "nan", text: "a;b\nnan;x\nnan;x\n",
        columns: ["a DOUBLE", "b VARCHAR"],
        rows: [["nan", "x"], ["nan", "x"]]),
    DuckDBCSV(
        name: "1e400", text: "a;b\n1e400;x\n1e400;x\n",
        columns: ["a DOUBLE", "b VARCHAR"],
        rows: [["inf", "x"], ["inf", "x"]]),
    DuckDBCSV(
        name: "2024-01-02", text: "a;b\n2024-01-02;x\n2024-01-02;x\n",
        columns: ["a DATE", "b VARCHAR"],
        rows: [["2024-01-02", "x"], ["2024-01-02", "x"]]),
    DuckDBCSV(
        name: "2024/01/02", text: "a;b\n2024/01/02;x\n2024/01/02;x\n",
        columns: ["a DATE", "b VARCHAR"],
        rows: [["2024-01-02", "x"], ["2024-01-02", "x"]]),
    DuckDBCSV(
        name: "2024-1-2", text: "a;b\n2024-1-2;x\n2024-1-2;x\n",
        columns: ["a DATE", "b VARCHAR"],
        rows: [["2024-01-02", "x"], ["2024-01-02", "x"]]),
    DuckDBCSV(
        name: "12:30:00", text: "a;b\n12:30:00;x\n12:30:00;x\n",
        columns: ["a TIME", "b VARCHAR"],
        rows: [["12:30:00", "x"], ["12:30:00", "x"]]),
    DuckDBCSV(
        name: "12:30", text: "a;b\n12:30;x\n12:30;x\n",
        columns: ["a TIME", "b VARCHAR"],
        rows: [["12:30:00", "x"], ["12:30:00", "x"]]),
    DuckDBCSV(
        name: "2024-01-02 03:04:05", text: "a;b\n2024-01-02 03:04:05;x\n2024-01-02 03:04:05;x\n",
        columns: ["a TIMESTAMP", "b VARCHAR"],
        rows: [["2024-01-02 03:04:05", "x"], ["2024-01-02 03:04:05", "x"]]),
    DuckDBCSV(
        name: "2024-01-02T03:04:05", text: "a;b\n2024-01-02T03:04:05;x\n2024-01-02T03:04:05;x\n",
        columns: ["a TIMESTAMP", "b VARCHAR"],
        rows: [["2024-01-02 03:04:05", "x"], ["2024-01-02 03:04:05", "x"]]),
    DuckDBCSV(
        name: "2024-01-02T03:04:05Z", text: "a;b\n2024-01-02T03:04:05Z;x\n2024-01-02T03:04:05Z;x\n",
        columns: ["a TIMESTAMP WITH TIME ZONE", "b VARCHAR"],
        rows: [["2024-01-02 03:04:05+00", "x"], ["2024-01-02 03:04:05+00", "x"]]),
    DuckDBCSV(
        name: "2024-01-02 03:04:05+02", text: "a;b\n2024-01-02 03:04:05+02;x\n2024-01-02 03:04:05+02;x\n",
        columns: ["a TIMESTAMP WITH TIME ZONE", "b VARCHAR"],
        rows: [["2024-01-02 01:04:05+00", "x"], ["2024-01-02 01:04:05+00", "x"]]),
    DuckDBCSV(
        name: "2024-01-02 03:04:05.123", text: "a;b\n2024-01-02 03:04:05.123;x\n2024-01-02 03:04:05.123;x\n",
        columns: ["a TIMESTAMP", "b VARCHAR"],
        rows: [["2024-01-02 03:04:05.123", "x"], ["2024-01-02 03:04:05.123", "x"]]),
    DuckDBCSV(
        name: "9223372036854775808", text: "a;b\n9223372036854775808;x\n9223372036854775808;x\n",
        columns: ["a HUGEINT", "b VARCHAR"],
        rows: [["9223372036854775808", "x"], ["9223372036854775808", "x"]]),
    DuckDBCSV(
        name: "-5", text: "a;b\n-5;x\n-5;x\n",
        columns: ["a BIGINT", "b VARCHAR"],
        rows: [["-5", "x"], ["-5", "x"]]),
    DuckDBCSV(
        name: ".5", text: "a;b\n.5;x\n.5;x\n",
        columns: ["a DOUBLE", "b VARCHAR"],
        rows: [["0.5", "x"], ["0.5", "x"]]),
    DuckDBCSV(
        name: "5.", text: "a;b\n5.;x\n5.;x\n",
        columns: ["a DOUBLE", "b VARCHAR"],
        rows: [["5.0", "x"], ["5.0", "x"]]),
    DuckDBCSV(
        name: "1,5", text: "a;b\n1,5;x\n1,5;x\n",
        columns: ["a VARCHAR", "b VARCHAR"],
        rows: [["1,5", "x"], ["1,5", "x"]]),
    DuckDBCSV(
        name: "NULL", text: "a;b\nNULL;x\nNULL;x\n",
        columns: ["a VARCHAR", "b VARCHAR"],
        rows: [["NULL", "x"], ["NULL", "x"]]),
    DuckDBCSV(
        name: "null", text: "a;b\nnull;x\nnull;x\n",
        columns: ["a VARCHAR", "b VARCHAR"],
        rows: [["null", "x"], ["null", "x"]]),
    DuckDBCSV(
        name: "NaN", text: "a;b\nNaN;x\nNaN;x\n",
        columns: ["a DOUBLE", "b VARCHAR"],
        rows: [["nan", "x"], ["nan", "x"]]),
    DuckDBCSV(
        name: "\\N", text: "a;b\n\\N;x\n\\N;x\n",
        columns: ["a VARCHAR", "b VARCHAR"],
        rows: [["\\N", "x"], ["\\N", "x"]]),
    DuckDBCSV(
        name: "12345678901234567890123", text: "a;b\n12345678901234567890123;x\n12345678901234567890123;x\n",
        columns: ["a HUGEINT", "b VARCHAR"],
        rows: [["12345678901234567890123", "x"], ["12345678901234567890123", "x"]]),
    DuckDBCSV(
        name: "0001-01-01", text: "a;b\n0001-01-01;x\n0001-01-01;x\n",
        columns: ["a DATE", "b VARCHAR"],
        rows: [["0001-01-01", "x"], ["0001-01-01", "x"]]),
    DuckDBCSV(
        name: "20240102", text: "a;b\n20240102;x\n20240102;x\n",
        columns: ["a BIGINT", "b VARCHAR"],
        rows: [["20240102", "x"], ["20240102", "x"]]),
    DuckDBCSV(
        name: "2024-01-02 03:04", text: "a;b\n2024-01-02 03:04;x\n2024-01-02 03:04;x\n",
        columns: ["a TIMESTAMP", "b VARCHAR"],
        rows: [["2024-01-02 03:04:00", "x"], ["2024-01-02 03:04:00", "x"]]),
    DuckDBCSV(
        name: "1.2.3", text: "a;b\n1.2.3;x\n1.2.3;x\n",
        columns: ["a VARCHAR", "b VARCHAR"],
        rows: [["1.2.3", "x"], ["1.2.3", "x"]]),
    DuckDBCSV(
        name: "3:04:05", text: "a;b\n3:04:05;x\n3:04:05;x\n",
        columns: ["a TIME", "b VARCHAR"],
        rows: [["03:04:05", "x"], ["03:04:05", "x"]]),
    DuckDBCSV(
        name: "-0.5", text: "a;b\n-0.5;x\n-0.5;x\n",
        columns: ["a DOUBLE", "b VARCHAR"],
        rows: [["-0.5", "x"], ["-0.5", "x"]]),
    DuckDBCSV(
        name: "x", text: "a;b\nx;x\nx;x\n",
        columns: ["a VARCHAR", "b VARCHAR"],
        rows: [["x", "x"], ["x", "x"]]),
    DuckDBCSV(
        name: "header of text", text: "a,b\nc,d\n",
        columns: ["a VARCHAR", "b VARCHAR"],
        rows: [["c", "d"]]),
    DuckDBCSV(
        name: "rows of numbers", text: "1,2\n3,4\n",
        columns: ["column0 BIGINT", "column1 BIGINT"],
        rows: [["1", "2"], ["3", "4"]]),
    DuckDBCSV(
        name: "one line", text: "a,b\n",
        columns: ["a VARCHAR", "b VARCHAR"],
        rows: []),
    DuckDBCSV(
        name: "empty", text: "",
        columns: ["column0 VARCHAR"],
        rows: []),
    DuckDBCSV(
        name: "repeated names", text: "a,a,A\n1,2,3\n",
        columns: ["a BIGINT", "a_1 BIGINT", "A_2 BIGINT"],
        rows: [["1", "2", "3"]]),
    DuckDBCSV(
        name: "empty names", text: "a,,c\n1,2,3\n",
        columns: ["a BIGINT", "column1 BIGINT", "c BIGINT"],
        rows: [["1", "2", "3"]]),
    DuckDBCSV(
        name: "number as name", text: "a,1\n1,2\n",
        columns: ["a BIGINT", "1 BIGINT"],
        rows: [["1", "2"]]),
    DuckDBCSV(
        name: "CRLF", text: "a,b\r\n1,2\r\n3,4",
        columns: ["a BIGINT", "b BIGINT"],
        rows: [["1", "2"], ["3", "4"]]),
    DuckDBCSV(
        name: "blank lines", text: "a,b\n1,2\n\n3,4\n\n",
        columns: ["a BIGINT", "b BIGINT"],
        rows: [["1", "2"], ["3", "4"]]),
    DuckDBCSV(
        name: "blank lines of one column", text: "a\n1\n\n3\n",
        columns: ["a BIGINT"],
        rows: [["1"], [nil], ["3"]]),
    DuckDBCSV(
        name: "trailing comma", text: "a,b,\n1,2,\n3,4,\n",
        columns: ["a BIGINT", "b BIGINT", "column2 VARCHAR"],
        rows: [["1", "2", nil], ["3", "4", nil]]),
    DuckDBCSV(
        name: "newline in quotes", text: "a,b\n\"x\ny\",2\n\"p\"\"q\",3\n",
        columns: ["a VARCHAR", "b BIGINT"],
        rows: [["x\ny", "2"], ["p\"q", "3"]]),
    DuckDBCSV(
        name: "quote inside", text: "a,b\nx\"y,2\n",
        columns: ["a VARCHAR", "b BIGINT"],
        rows: [["x\"y", "2"]]),
    DuckDBCSV(
        name: "tab", text: "a\tb\n1\t2\n",
        columns: ["a BIGINT", "b BIGINT"],
        rows: [["1", "2"]]),
    DuckDBCSV(
        name: "pipe", text: "a|b\n1|2\n",
        columns: ["a BIGINT", "b BIGINT"],
        rows: [["1", "2"]]),
    DuckDBCSV(
        name: "semicolon", text: "a;b\n1,5;2\n",
        columns: ["a VARCHAR", "b BIGINT"],
        rows: [["1,5", "2"]]),
    DuckDBCSV(
        name: "byte order mark", text: "\u{feff}a,b\n1,2\n",
        columns: ["a BIGINT", "b BIGINT"],
        rows: [["1", "2"]]),
    DuckDBCSV(
        name: "int and double", text: "a\n1\n2.5\n",
        columns: ["a DOUBLE"],
        rows: [["1.0"], ["2.5"]]),
    DuckDBCSV(
        name: "time and int", text: "a\n10:00:00\n5\n",
        columns: ["a VARCHAR"],
        rows: [["10:00:00"], ["5"]]),
    DuckDBCSV(
        name: "boolean and int", text: "a\ntrue\n5\n",
        columns: ["a VARCHAR"],
        rows: [["true"], ["5"]]),
    DuckDBCSV(
        name: "empty column", text: "a,b\n,1\n,2\n",
        columns: ["a VARCHAR", "b BIGINT"],
        rows: [[nil, "1"], [nil, "2"]]),
    DuckDBCSV(
        name: "quoted numbers", text: "a,b\n\"1\",\"2.5\"\n\"3\",\"4\"\n",
        columns: ["a BIGINT", "b DOUBLE"],
        rows: [["1", "2.5"], ["3", "4.0"]]),
    DuckDBCSV(
        name: "quoted header", text: "\"a\",\"b c\"\n1,x\n",
        columns: ["a BIGINT", "b c VARCHAR"],
        rows: [["1", "x"]]),
    DuckDBCSV(
        name: "spaces in names", text: "a, b\n1, 2\n",
        columns: ["a BIGINT", "b BIGINT"],
        rows: [["1", "2"]]),
    DuckDBCSV(
        name: "quoted delimiter", text: "a,b\n\"x,y\",2\n",
        columns: ["a VARCHAR", "b BIGINT"],
        rows: [["x,y", "2"]]),
    DuckDBCSV(
        name: "unicode", text: "name,n\nGrüße,1\n日本,2\n",
        columns: ["name VARCHAR", "n BIGINT"],
        rows: [["Grüße", "1"], ["日本", "2"]]),
    DuckDBCSV(
        name: "empty fields", text: "a,b,c\n1,,3\n,2,\n",
        columns: ["a BIGINT", "b BIGINT", "c BIGINT"],
        rows: [["1", nil, "3"], [nil, "2", nil]]),
]

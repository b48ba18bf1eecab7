import Testing
import ZLColumnar

@testable import ZLQuery

/// Types of expressions, as DuckDB 2.0's `typeof` gives them for the same column types.
@Suite struct TypeBindingTests {
    let fixture = BindingFixture()

    @Test(
        "literals have the type that holds them",
        arguments: [
            ("1", "INTEGER"), ("-2147483648", "INTEGER"), ("2147483648", "BIGINT"), ("3000000000", "BIGINT"),
            ("9223372036854775808", "HUGEINT"), ("1.5", "DECIMAL(2,1)"), ("0.11", "DECIMAL(3,2)"), (".5", "DECIMAL(1,1)"),
            ("00.50", "DECIMAL(4,2)"), ("1e5", "DOUBLE"), ("'a'", "VARCHAR"), ("true", "BOOLEAN"), ("NULL", "\"NULL\""),
            ("DATE '2020-01-31'", "DATE"), ("INTERVAL 3 DAY", "INTERVAL"), ("TIMESTAMP '2020-01-31 10:00:00'", "TIMESTAMP"),
        ])
    func literals(_ expression: String, _ type: String) throws {
        #expect(try fixture.type(expression) == type)
    }

    @Test(
        "an integer literal takes the integer type beside it where it fits",
        arguments: [
            ("tiny + 1", "TINYINT"), ("tiny + 300", "INTEGER"), ("volume * 2", "UBIGINT"), ("tiny % 3", "TINYINT"),
            ("coalesce(tiny, 1)", "TINYINT"), ("CASE WHEN true THEN tiny ELSE 1 END", "TINYINT"), ("nullif(tiny, 1)", "TINYINT"),
            ("tiny + id", "INTEGER"), ("volume // 2", "UBIGINT"), ("-tiny", "TINYINT"),
        ])
    func integerLiterals(_ expression: String, _ type: String) throws {
        #expect(try fixture.type(expression) == type)
    }

    @Test(
        "operators and conditionals find a common type",
        arguments: [
            ("id / 2", "DOUBLE"), ("id // 2", "INTEGER"), ("close * 0.5", "DOUBLE"), ("price + 1", "DECIMAL(13,2)"),
            ("price * 1.5", "DECIMAL(12,3)"), ("1.5 + 1", "DECIMAL(12,1)"), ("id + 1.5", "DECIMAL(12,1)"), ("price / 3", "DOUBLE"),
            ("CASE WHEN true THEN 1 ELSE 2.5 END", "DECIMAL(11,1)"), ("if(true, 1, 2.5)", "DECIMAL(11,1)"),
            ("symbol || id", "VARCHAR"), ("id BETWEEN 1 AND 2.5", "BOOLEAN"), ("id IN (1, 2)", "BOOLEAN"),
            ("coalesce(NULL, close)", "DOUBLE"), ("CASE WHEN true THEN close ELSE error('x') END", "DOUBLE"), ("id IS NULL", "BOOLEAN"), ("close ^ 2", "DOUBLE"),
            ("sum(id)", "HUGEINT"), ("sum(close)", "DOUBLE"), ("avg(id)", "DOUBLE"), ("count(*)", "BIGINT"), ("now()", "TIMESTAMP WITH TIME ZONE"),
            ("current_date", "DATE"), ("symbol LIKE 'ZL%'", "BOOLEAN"),
        ])
    func operators(_ expression: String, _ type: String) throws {
        #expect(try fixture.type(expression) == type)
    }

    @Test("text literals become the type they meet; dates count days")
    func dates() throws {
        #expect(try fixture.columns("SELECT day + 1 AS a, day - day AS b, coalesce(day, '2020-01-01') AS c FROM days") == "a DATE, b BIGINT, c DATE")
        #expect(try fixture.plan("SELECT close FROM days WHERE day >= '2020-01-01'").contains("(day >= DATE '2020-01-01')"))
        #expect(try fixture.type("CASE WHEN true THEN ts ELSE '2020-01-01' END") == "TIMESTAMP_NS")
        #expect(try fixture.plan("SELECT tiny FROM bars WHERE tiny = 34").contains("(tiny = 34)"))
    }

    @Test("integer division is a setting")
    func integerDivision() throws {
        var fixture = fixture
        fixture.settings.integerDivision = true
        #expect(try fixture.type("id / 2") == "INTEGER")
        #expect(try fixture.type("close / 2") == "DOUBLE")
    }

    @Test("a whole number divided by zero is an error at run time, or NULL by a setting; a divisor that is not zero needs no guard")
    func divisionByZero() throws {
        #expect(try fixture.plan("SELECT id // tiny FROM bars").contains("error('division by zero')"))
        #expect(!(try fixture.plan("SELECT id // 7, id % 7, close % 0 FROM bars")).contains("error("))
        var fixture = fixture
        fixture.settings.errorOnDivisionByZero = false
        #expect(!(try fixture.plan("SELECT id // tiny FROM bars")).contains("error("))
    }

    @Test("types that do not fit are an error at the place")
    func mismatches() throws {
        #expect(fixture.failure("SELECT is_open + day FROM days")?.kind == .binding)
        #expect(fixture.failure("SELECT 1 FROM days WHERE day")?.code == "type_mismatch")
        #expect(fixture.failure("SELECT CASE WHEN true THEN day ELSE 1.5 END FROM days")?.code == "type_mismatch")
        #expect(fixture.failure("SELECT DATE '2020-13-01'")?.kind == .conversion)
        #expect(fixture.failure("SELECT id LIKE 'a' FROM bars")?.code == "type_mismatch")
    }

    @Test("set operations and VALUES give each column the common type")
    func rows() throws {
        #expect(try fixture.columns("SELECT 1.5 AS u UNION ALL SELECT id FROM bars") == "u DECIMAL(11,1)")
        #expect(try fixture.columns("SELECT NULL AS a UNION ALL SELECT close FROM bars") == "a DOUBLE")
        #expect(try fixture.columns("VALUES (1, 'a'), (2.5, NULL)") == "col0 DECIMAL(11,1), col1 VARCHAR")
        #expect(try fixture.columns("SELECT 1 AS a, 2 AS b UNION BY NAME SELECT 3 AS b, 4 AS c") == "a INTEGER, b INTEGER, c INTEGER")
        #expect(fixture.failure("SELECT 1, 2 UNION SELECT 1")?.code == "column_count")
        #expect(fixture.failure("VALUES (1, 2), (3)")?.code == "column_count")
    }
}

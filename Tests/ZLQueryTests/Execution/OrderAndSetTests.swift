import Testing
import ZLColumnar

@testable import ZLQuery

@Suite struct OrderAndSetTests {
    @Test(arguments: [false, true], [false, true])
    func sortingEqualsAStableSortOfTheRows(isDescending: Bool, nullsFirst: Bool) throws {
        var generator = TestGenerator(seed: 3)
        for count in [0, 1, 2, 17, 100, 3000] {
            let rows = generator.rows(count, columns: 2, upTo: 9).enumerated().map { [$1[0], $0] }
            var fixture = PlanFixture()
            let (plan, columns) = fixture.table(rows, columnCount: 2, chunkSize: 100)
            let key = SortKey(
                expression: PlanFixture.reference(columns[0]), isDescending: isDescending, nullsFirst: nullsFirst)
            let nullRank = nullsFirst ? -1000 : 1000
            let expected = rows.sorted { a, b in
                let x = a[0].map { isDescending ? -$0 : $0 } ?? nullRank
                let y = b[0].map { isDescending ? -$0 : $0 } ?? nullRank
                return x != y ? x < y : (a[1] ?? 0) < (b[1] ?? 0)
            }
            #expect(try PlanFixture.rows(.sort(plan, [key]), threads: 2) == expected)
            let top = LogicalPlan.limit(.sort(plan, [key]), limit: 5, offset: 2, percent: nil)
            #expect(try PlanFixture.rows(top) == Array(expected.dropFirst(2).prefix(5)))
        }
    }

    @Test func doublesOrderWithNaNLastAndZerosEqual() {
        let values: [Double] = [-.infinity, -1e300, -1, -.leastNonzeroMagnitude, 0, .leastNonzeroMagnitude, 1, .infinity, .nan]
        for (a, x) in values.enumerated() {
            for (b, y) in values.enumerated() { #expect((SortColumn.ordered(x) < SortColumn.ordered(y)) == (a < b)) }
        }
        #expect(SortColumn.ordered(-0.0) == SortColumn.ordered(0.0))
        #expect(SortColumn.ordered(-Double.nan) == SortColumn.ordered(.nan))
    }

    @Test(arguments: [SetOperator.union, .intersect, .except], [true, false])
    func setOperationsEqualMultisetArithmetic(operation: SetOperator, isAll: Bool) throws {
        var generator = TestGenerator(seed: 5)
        for count in [0, 1, 4, 60] {
            let left = generator.rows(count, columns: 1, upTo: 4)
            let right = generator.rows(count / 2, columns: 1, upTo: 4)
            var fixture = PlanFixture()
            let (a, _) = fixture.table(left, columnCount: 1)
            let (b, _) = fixture.table(right, columnCount: 1)
            let columns = [OutputColumn(id: ColumnID(number: 50), name: "x", type: .bigint)]
            let rows = try PlanFixture.rows(.setOperation(operation, isAll: isAll, a, b, columns: columns))
            var expected: [[Int?]] = []
            for key in Set(left + right) {
                let m = left.filter { $0 == key }.count
                let n = right.filter { $0 == key }.count
                let times: Int
                switch operation {
                case .union: times = isAll ? m + n : 1
                case .intersect: times = isAll ? min(m, n) : min(1, min(m, n))
                case .except: times = isAll ? max(0, m - n) : (m > 0 && n == 0 ? 1 : 0)
                }
                expected += [[Int?]](repeating: key, count: times)
            }
            #expect(sortedRows(rows) == sortedRows(expected))
        }
    }

    @Test func keysNumberRowsByFirstAppearanceWhateverTheForm() {
        let words = ["a", "", "a long text beyond twelve bytes", "another long text, also long", "a"]
        let builder = ColumnBuilder(type: .varchar)
        for index in 0..<100 {
            if index % 7 == 0 { builder.appendNull() } else { builder.append(text: words[index % words.count]) }
        }
        let flat = builder.finish()
        let distinct = ColumnBuilder(type: .varchar)
        for word in words { distinct.append(text: word) }
        let codes = Buffer(byteCount: 400)
        for index in 0..<100 { codes.values(UInt32.self)[index] = index % 7 == 0 ? 0 : UInt32(index % words.count) }
        let coded = ColumnVector(
            type: .varchar, form: .dictionary, count: 100, buffer: codes, validity: flat.validity, dictionary: distinct.finish())
        var expected: [Value: UInt32] = [:]
        for column in [flat, coded] {
            expected = [:]
            let table = KeyTable(types: [.varchar])
            let numbers = Buffer(byteCount: 400)
            table.insert([column], count: 100, into: numbers.values(UInt32.self))
            for row in 0..<100 {
                let value = column.value(at: row)
                let number = expected[value] ?? UInt32(expected.count)
                expected[value] = number
                #expect(numbers.values(UInt32.self)[row] == number)
            }
            let keys = table.keyColumns()[0]
            for (value, number) in expected { #expect(keys.value(at: Int(number)) == value) }
        }
    }
}

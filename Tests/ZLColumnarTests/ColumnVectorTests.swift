import Testing
import ZLColumnar

@Suite struct ColumnVectorTests {
    /// 200 rows, every third NULL, as flat, dictionary and (where possible) sequence vectors.
    static func strings(_ count: Int) -> (vector: ColumnVector, expected: [Value]) {
        let builder = ColumnBuilder(type: .varchar)
        var expected: [Value] = []
        for row in 0..<count {
            if row % 3 == 0 {
                builder.appendNull()
                expected.append(.null)
            } else {
                let text = String(repeating: "x", count: row % 30) + "\(row)"
                builder.append(text: text)
                expected.append(.string(text))
            }
        }
        return (builder.finish(), expected)
    }

    @Test(arguments: [0, 1, 63, 64, 65, 200, 5000])
    func builtValuesReadBack(count: Int) {
        let (vector, expected) = Self.strings(count)
        #expect((0..<count).map { vector.value(at: $0) } == expected)
        #expect(vector.nullCount() == (count + 2) / 3)
    }

    @Test func everySliceOfASmallVectorEqualsTheSlicedValues() {
        let (vector, expected) = Self.strings(140)
        for start in stride(from: 0, through: 140, by: 7) {
            for end in stride(from: start, through: 140, by: 5) {
                let slice = vector.slice(start..<end)
                #expect((0..<slice.count).map { slice.value(at: $0) } == Array(expected[start..<end]))
            }
        }
    }

    @Test func gatherTakesRowsAndMarksMissingOnes() {
        let (vector, expected) = Self.strings(50)
        let indices: [UInt32] = [49, 0, 1, ColumnVector.noRow, 7, 7]
        let gathered = vector.gather(indices, count: indices.count, allowsMissing: true)
        let wanted = indices.map { $0 == ColumnVector.noRow ? Value.null : expected[Int($0)] }
        #expect((0..<6).map { gathered.value(at: $0) } == wanted)
    }

    @Test func constantsAndSequencesFlatten() {
        let constant = ColumnVector.constant(.double(2.5), type: .double, count: 3)
        #expect((0..<3).map { constant.flattened().value(at: $0) } == [.double(2.5), .double(2.5), .double(2.5)])
        let sequence = ColumnVector.sequence(.bigint, first: 10, step: -3, count: 4)
        #expect((0..<4).map { sequence.value(at: $0) } == [10, 7, 4, 1].map { .integer($0) })
        let nulls = ColumnVector.nulls(.varchar, count: 3).flattened()
        #expect(nulls.nullCount() == 3)
    }

    @Test func concatenationKeepsOrderNullsAndLongStrings() {
        let (first, one) = Self.strings(70)
        let (second, two) = Self.strings(65)
        let whole = ColumnVector.concatenate([first, second, .nulls(.varchar, count: 2)], type: .varchar)
        #expect((0..<whole.count).map { whole.value(at: $0) } == one + two + [.null, .null])
    }

    @Test func stringViewsCompareAsBytes() {
        let texts = ["", "a", "ab", "abcdefghijkl", "abcdefghijklm", "abcdefghijkln", "b", "é"]
        let builder = ColumnBuilder(type: .varchar)
        for text in texts { builder.append(text: text) }
        let vector = builder.finish()
        let views = vector.values(StringView.self)
        for left in texts.indices {
            for right in texts.indices {
                #expect((StringView.compare(views + left, views + right) < 0) == (left < right))
                #expect((views[left] == views[right]) == (left == right))
            }
        }
    }

    @Test func everyDayOfFourCenturiesConvertsBothWays() {
        var expected = CivilDate(year: 1799, month: 12, day: 31)
        for day in CivilDate(year: 1800, month: 1, day: 1).daysSinceEpoch...CivilDate(year: 2200, month: 12, day: 31).daysSinceEpoch {
            expected.day += 1
            if expected.day > CivilDate.daysInMonth(year: expected.year, month: expected.month) {
                expected.day = 1
                expected.month += 1
                if expected.month > 12 {
                    expected.month = 1
                    expected.year += 1
                }
            }
            let date = CivilDate(daysSinceEpoch: day)
            #expect(date == expected && date.daysSinceEpoch == day)
        }
    }
}

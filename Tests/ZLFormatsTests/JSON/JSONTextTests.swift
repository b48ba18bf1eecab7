import Foundation
import Testing
import ZLColumnar
import ZLFormats

@Suite struct JSONTextTests {
    private func json(_ value: Value, _ type: DataType) -> String {
        let buffer = ByteBuffer()
        JSONText.append(TextColumn(.constant(value, type: type, count: 1)), row: 0, to: buffer)
        return buffer.string
    }

    @Test func valuesTakeTheFormThatTheProtocolStates() {
        #expect(json(.null, .integer) == "null")
        #expect(json(.boolean(true), .boolean) == "true")
        #expect(json(.integer(Int128.max), .hugeint) == "170141183460469231731687303715884105727")
        #expect(json(.double(1e20), .double) == "1e+20")
        #expect(json(.double(.nan), .double) == "\"NaN\"")
        #expect(json(.double(.infinity), .double) == "\"Infinity\"")
        #expect(json(.real(-.infinity), .real) == "\"-Infinity\"")
        #expect(json(.decimal(-5), .decimal(precision: 3, scale: 3)) == "-0.005")
        #expect(json(.date(0), .date) == "\"1970-01-01\"")
        #expect(json(.interval(Interval(days: 1)), .interval) == "\"1 day\"")
        #expect(json(.string("a\"b\\c\n\u{1}é"), .varchar) == "\"a\\\"b\\\\c\\n\\u0001é\"")
    }

    @Test func anyTextAndNumberReadBackThroughAJSONParser() throws {
        var random = SplitMix(seed: 3)
        for _ in 0..<2000 {
            let scalars = (0..<(random.next() % 12)).compactMap { _ in Unicode.Scalar(UInt32(random.next() % 0x300)) }
            let text = String(String.UnicodeScalarView(scalars))
            let value = Double(bitPattern: random.next())
            let line = ByteBuffer()
            let columns = [
                TextColumn(.constant(.string(text), type: .varchar, count: 1)),
                TextColumn(.constant(value.isFinite ? .double(value) : .null, type: .double, count: 1)),
            ]
            JSONText.appendArray(columns, row: 0, to: line)
            let array = try #require(try JSONSerialization.jsonObject(with: Data(line.string.utf8)) as? [Any])
            #expect(array[0] as? String == text)
            // Foundation's untyped numbers are not exact, the typed ones are.
            let number = "[\(json(value.isFinite ? .double(value) : .null, .double))]"
            let decoded = try JSONDecoder().decode([Double?].self, from: Data(number.utf8))
            #expect(decoded == [value.isFinite ? value : nil] && line.string.hasSuffix(number.dropFirst()))
            let object = ByteBuffer()
            JSONText.appendObject(columns, names: ["t\"x", "v"], row: 0, to: object)
            let parsed = try #require(try JSONSerialization.jsonObject(with: Data(object.string.utf8)) as? [String: Any])
            #expect(parsed["t\"x"] as? String == text)
        }
    }
}

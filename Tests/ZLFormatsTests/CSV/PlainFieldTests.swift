import Foundation
import Testing
import ZLColumnar

@testable import ZLFormats

/// The fast readers of fields and rows against the plain ones.
@Suite struct PlainFieldTests {
    private func withField<R>(_ text: [UInt8], _ body: (UnsafePointer<UInt8>, UnsafeRawBufferPointer) -> R) -> R {
        // why: what follows a field must never count, so digits and points follow it here.
        let padded = text + Array("1.23456789-:T0123456789.0123".utf8)
        return padded.withUnsafeBufferPointer { bytes in
            guard let base = bytes.baseAddress else { preconditionFailure() }
            return body(base, UnsafeRawBufferPointer(start: base, count: text.count))
        }
    }

    private func number(_ random: inout SplitMix) -> [UInt8] {
        let digits = Int(random.next() % 22)
        var text: [UInt8] = random.next() % 3 == 0 ? [UInt8(ascii: "-")] : []
        for _ in 0..<digits { text.append(48 + UInt8(random.next() % 10)) }
        if random.next() % 3 > 0 { text.insert(UInt8(ascii: "."), at: Int(random.next() % UInt64(text.count + 1))) }
        if random.next() % 8 == 0, !text.isEmpty { text[Int(random.next() % UInt64(text.count))] = UInt8(truncatingIfNeeded: random.next()) }
        return text
    }

    @Test func numbersAreThoseOfTheTextParser() {
        var random = SplitMix(seed: 31)
        let plain = PlainField()
        var integers = 0
        var decimals = 0
        for _ in 0..<200_000 {
            let text = number(&random)
            withField(text) { place, bytes in
                if let value = plain.integer(place, text.count) {
                    integers += 1
                    #expect(value == TextParser.int64(bytes, strict: true) && CSVColumnClass(of: bytes).kind == .bigint, "\(text)")
                }
                if let number = plain.decimal(place, text.count) {
                    decimals += 1
                    let expected = strtod(String(decoding: text, as: UTF8.self), nil)
                    #expect(number.value.bitPattern == expected.bitPattern, "\(text)")
                    #expect(CSVColumnClass(of: bytes).kind == (number.hasPoint ? .double : .bigint), "\(text)")
                }
            }
        }
        #expect(integers > 20_000 && decimals > 50_000)
    }

    @Test func columnsOfNumbersAreThoseOfTheirFields() {
        var random = SplitMix(seed: 33)
        let plain = PlainField()
        var longest = 0
        for round in 0..<4_000 {
            var fields: [[UInt8]] = []
            let sameness = [2, 6, 40][round / 2 % 3]
            while fields.count < 40 {
                var text = number(&random)
                if let last = fields.last, !last.isEmpty, random.next() % UInt64(sameness) > 0 {
                    // why: numbers that look like the last one, or eight in a row, take shorter ways.
                    text = last
                    let place = Int(random.next() % UInt64(text.count))
                    let isDigit = text[place] >= 48 && text[place] < 58 && random.next() % UInt64(sameness) > 0
                    text[place] = Array("0123456789.-".utf8)[Int(random.next() % (isDigit ? 10 : 12))]
                }
                let isEasy = withField(text) { place, _ in
                    (round % 2 == 0 ? plain.integer(place, text.count) != nil : plain.decimal(place, text.count) != nil)
                }
                if isEasy || random.next() % 40 == 0 { fields.append(text) }
            }
            var bytes: [UInt8] = []
            var table: [CSVField] = []
            for text in fields {
                table.append(CSVField(start: bytes.count, length: text.count))
                table.append(CSVField(start: 0, length: 1))
                bytes += text + [UInt8(ascii: ",")]
            }
            bytes += [UInt8](repeating: UInt8(ascii: "7"), count: 64)
            bytes.withUnsafeBufferPointer { bytes in
                table.withUnsafeBufferPointer { table in
                    guard let base = bytes.baseAddress, let first = table.baseAddress else { return }
                    let input = CSVColumnParser.Input(fields: first, stride: 2, rows: fields.count, base: base)
                    if round % 2 == 0 {
                        let values = UnsafeMutablePointer<Int64>.allocate(capacity: fields.count)
                        defer { values.deallocate() }
                        let count = plain.integers(input, from: 0, to: values)
                        for (row, text) in fields.enumerated().prefix(count) {
                            let isRight = withField(text) {
                                values[row] == TextParser.int64($1, strict: true) && CSVColumnClass(of: $1).kind == .bigint
                            }
                            #expect(isRight, "\(text)")
                        }
                        if count < fields.count {
                            #expect(withField(fields[count]) { place, bytes in plain.integer(place, bytes.count) } == nil)
                        }
                        longest = max(longest, count)
                    } else {
                        let values = UnsafeMutablePointer<Double>.allocate(capacity: fields.count)
                        defer { values.deallocate() }
                        let allowsPoint = round % 8 != 1
                        let count = plain.decimals(input, from: 0, allowsPoint: allowsPoint, to: values)
                        for (row, text) in fields.enumerated().prefix(count) {
                            let expected = strtod(String(decoding: text, as: UTF8.self), nil)
                            #expect(values[row].bitPattern == expected.bitPattern, "\(text)")
                            let kind = text.withUnsafeBytes { CSVColumnClass(of: $0).kind }
                            #expect(kind == .bigint || (allowsPoint && kind == .double), "\(text)")
                        }
                        if count < fields.count {
                            let number = withField(fields[count]) { place, bytes in plain.decimal(place, bytes.count) }
                            #expect(number == nil || (!allowsPoint && number?.hasPoint == true))
                        }
                        longest = max(longest, count)
                    }
                }
            }
        }
        #expect(longest == 40)
    }

    @Test func timestampsAreThoseOfTheTextParser() {
        var random = SplitMix(seed: 32)
        var times = PlainTimestamps()
        var found = 0
        for _ in 0..<100_000 {
            let fields = (0..<6).map { [1990, 0, 0, 0, 0, 0][$0] + Int(random.next() % [40, 14, 33, 25, 61, 61][$0]) }
            var text = String(
                format: "%04d-%02d-%02d%@%02d:%02d:%02d", fields[0], fields[1], fields[2], random.next() % 2 == 0 ? "T" : " ", fields[3],
                fields[4], fields[5])
            let decimals = Int(random.next() % 11)
            if decimals > 0 { text += "." + (1..<decimals).map { _ in String(random.next() % 10) }.joined() }
            if random.next() % 2 == 0 { text += "Z" }
            var bytes = Array(text.utf8)
            if random.next() % 8 == 0 { bytes[Int(random.next() % UInt64(bytes.count))] = UInt8(truncatingIfNeeded: random.next() % 128) }
            withField(bytes) { place, whole in
                guard let parts = times.parts(place, bytes.count) else { return }
                found += 1
                #expect(parts.ticks(perSecond: 1_000_000_000) == TextParser.timestampNSInUTC(whole), "\(text)")
                #expect(parts.ticks(perSecond: 1_000_000) == TextParser.timestamp(whole), "\(text)")
                #expect(parts.ticks(perSecond: 1_000_000) == TextParser.timestampTZ(whole), "\(text)")
                let shape = TextParser.timestampShape(whole)
                #expect(shape?.fractionDigits == parts.fractionDigits && shape?.hasZone == parts.hasZ, "\(text)")
            }
        }
        #expect(found > 40_000)
    }

    @Test func fractionsRoundAsTheCLibraryRoundsThem() {
        var random = SplitMix(seed: 33)
        for round in 0..<200_000 {
            let mantissa = round % 3 == 0 ? random.next() : random.next() >> (random.next() % 64)
            let decimals = Int(random.next() % UInt64(NearestDouble.mostDecimals + 1))
            let expected = strtod("\(mantissa)e-\(decimals)", nil)
            #expect(NearestDouble.quotient(mantissa, decimals: decimals).bitPattern == expected.bitPattern, "\(mantissa)e-\(decimals)")
        }
        // Halfway between two doubles: 2^53 + 1 goes to the even one, with anything behind it to the upper one.
        #expect(NearestDouble.quotient(9_007_199_254_740_993, decimals: 0) == 9_007_199_254_740_992)
        #expect(NearestDouble.quotient(9_007_199_254_740_993_001, decimals: 3) == 9_007_199_254_740_994)
    }

    @Test func rowsSplitTheSameWithAndWithoutTheSearchForQuotes() {
        var random = SplitMix(seed: 34)
        let letters = Array("ab,1\r\n,\n".utf8)
        for _ in 0..<5000 {
            let columns = [1, 2, 3, 3, 10, 63, 64, 65, 70, 130][Int(random.next() % 10)]
            let tokenizer = CSVTokenizer(dialect: CSVDialect(delimiter: UInt8(ascii: ",")), columnCount: columns)
            let (isWhole, width) = (random.next() % 2 == 0, random.next() % 2 == 0 ? 30 : 3)
            var bytes: [UInt8] = []
            for _ in 0..<(random.next() % 12) {
                for column in 0..<(random.next() % 20 == 0 && !isWhole ? 5 : columns) {
                    if column > 0 { bytes.append(UInt8(ascii: ",")) }
                    for _ in 0..<(random.next() % UInt64(width)) { bytes.append(letters[[0, 1, 3, 4][Int(random.next() % 4)]]) }
                }
                if !isWhole { bytes.removeAll { $0 == UInt8(ascii: ",") && random.next() % 50 == 0 } }
                bytes += random.next() % 2 == 0 ? [13, 10] : [10]
            }
            bytes.append(10)
            let end = bytes.count
            bytes += [UInt8](repeating: 10, count: 64)
            let limit = 1 + Int(random.next() % (random.next() % 2 == 0 ? 5 : 50))
            let plain = tokens(bytes, end, limit, tokenizer, isPlain: true)
            let slow = tokens(bytes, end, limit, tokenizer, isPlain: false)
            #expect(plain == slow, "\(String(decoding: bytes[..<end], as: UTF8.self))")
        }
    }

    /// All rows in steps of `limit`, and the error that ended them.
    private func tokens(_ bytes: [UInt8], _ end: Int, _ limit: Int, _ tokenizer: CSVTokenizer, isPlain: Bool) -> [String] {
        let tableBuffer = tokenizer.fieldTable(rows: limit)
        defer { withExtendedLifetime(tableBuffer) {} }
        let table = tableBuffer.values(CSVField.self)
        var found: [String] = []
        return bytes.withUnsafeBufferPointer { buffer in
            guard let base = buffer.baseAddress else { return found }
            var position = 0
            while position < end {
                do throws(CSVProblem) {
                    let rows = try tokenizer.tokenize(
                        base, position: &position, end: end, rowLimit: limit, isPlain: isPlain, fields: table)
                    for index in 0..<(rows * tokenizer.columnCount) {
                        found.append(String(decoding: table[index].bytes(in: base), as: UTF8.self))
                    }
                    found.append("@\(position)")
                } catch {
                    return found + ["\(error.reason) \(error.offset)"]
                }
            }
            return found
        }
    }

    @Test func keptValuesAreThoseOfASecondReading() throws {
        var random = SplitMix(seed: 35)
        let kinds: [(inout SplitMix) -> String] = [
            { "\(Int64(truncatingIfNeeded: $0.next()) >> Int64($0.next() % 64))" }, { "\(Double($0.next() % 1_000_000) / 100)" },
            { "2024-0\(1 + $0.next() % 9)-11 10:0\($0.next() % 10):00" },
            { "2024-01-0\(1 + $0.next() % 9)T10:00:00.\(100_000_000 + $0.next() % 900_000_000)Z" }, { "2024-01-0\(1 + $0.next() % 9)" },
            { "word \($0.next() % 99)" }, { "t\($0.next() % 100_000)" }, { "a rather long word \($0.next() % 9)" }, { _ in "" }, { _ in "NA" }, { "0\($0.next() % 99)" }, { "\($0.next() % 9)e\($0.next() % 9)" },
            { $0.next() % 2 == 0 ? "true" : "false" }, { "\"\($0.next() % 9)\"" }, { "1\($0.next())" },
        ]
        try TestFiles.withFolder { folder in
            for round in 0..<60 {
                let columns = 1 + Int(random.next() % 5)
                let usual = (0..<columns).map { _ in kinds[Int(random.next() % UInt64(kinds.count))] }
                var text = (0..<columns).map { "c\($0)" }.joined(separator: ",") + "\n"
                let rows = Int(random.next() % 800)
                for row in 0..<rows {
                    let isOdd = row > rows / 2 && random.next() % 100 == 0
                    text += (0..<columns).map { column in
                        (isOdd && column == 0 ? kinds[Int(random.next() % UInt64(kinds.count))] : usual[column])(&random)
                    }.joined(separator: ",") + "\n"
                }
                try TestFiles.write(text, to: folder + "/f.csv")
                var options = CSVOptions()
                options.hasHeader = true
                options.delimiter = UInt8(ascii: ",")
                options.nullTexts = round % 2 == 0 ? [""] : ["NA", ""]
                let block = 1 + Int(random.next() % 6000)
                let kept = try CSVScan(paths: [folder + "/f.csv"], options: options, blockSize: block)
                let again = try CSVScan(paths: [folder + "/f.csv"], options: options, blockSize: block, keepsRows: false)
                #expect(kept.columns == again.columns && kept.notes == again.notes, "\(text)")
                let expected = try again.texts()
                let part = columns > 1 && round % 3 == 0 ? [columns - 1] : nil
                if let part { #expect(try kept.texts(part) == expected.map { [$0[part[0]]] }) }
                #expect(try kept.texts() == expected, "\(text)")
                #expect(try kept.texts() == expected)
            }
        }
    }
}

import Testing
import ZLColumnar

@testable import ZLFunctions

/// States fed with whole batches against the definitions, for groups by row, by run, few and many.
@Suite("Groups of batches")
struct FewGroupTests {
    private struct Generator {
        var seed: UInt64
        mutating func next() -> UInt64 {
            seed = seed &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            return seed >> 20
        }
    }

    private struct Rows {
        var groups: [UInt32]
        var block: Int
        var border: Int
        func block(of row: Int) -> Int { row < border ? block : block + 1 }
    }

    /// Batches of rows of consecutive blocks, whose groups change every `length` rows or so.
    private func batches(groupCount: Int, length: Int, _ generator: inout Generator) -> [Rows] {
        [(2048, 1024), (700, 300), (5, 5), (1100, 0), (2048, 1024), (64, 63)].enumerated().map { index, shape in
            var group: UInt32 = 0
            let groups = (0..<shape.0).map { row in
                if row == 0 || generator.next() % UInt64(length) == 0 { group = UInt32(generator.next() % UInt64(groupCount)) }
                return group
            }
            return Rows(groups: groups, block: 2 * index, border: shape.1)
        }
    }

    private func update(_ state: any AggregateState, _ vector: ColumnVector?, _ rows: Rows) throws {
        try rows.groups.withUnsafeBufferPointer {
            try state.update(
                vector.map { [$0] } ?? [], AggregateRows(count: rows.groups.count, block: rows.block, border: rows.border, groups: $0.baseAddress))
        }
    }

    private static let shapes = [(1, 1), (2, 1), (5, 1), (100, 1), (256, 1), (257, 1), (3, 6), (400, 6), (7, 40), (4, 5000)]

    @Test("runs cover the rows, cut at groups and at the border", arguments: shapes)
    func runs(groupCount: Int, length: Int) {
        var generator = Generator(seed: 3)
        for rows in batches(groupCount: groupCount, length: length, &generator) {
            rows.groups.withUnsafeBufferPointer { groups in
                let made = AggregateRows(count: groups.count, block: rows.block, border: rows.border, groups: groups.baseAddress)
                if made.groups != nil { return #expect(made.runs.isEmpty) }
                var row = 0
                for run in made.runs {
                    #expect(run.start == row && run.end > row)
                    for row in run.start..<run.end { #expect(run.group == Int(groups[row]) && run.block == rows.block(of: row)) }
                    if run.end < groups.count { #expect(groups[run.end] != groups[run.start] || run.end == rows.border) }
                    row = run.end
                }
                #expect(row == groups.count)
            }
        }
    }

    @Test("runs of one group and of many blocks")
    func otherRuns() {
        for (count, border) in [(0, 0), (5, 0), (5, 5), (5, 9), (5, 2)] {
            let found = AggregateRows(count: count, block: 7, border: border, group: 3).runs.map { [$0.start, $0.end, $0.group, $0.block] }
            let cut = min(border, count)
            #expect(found == [[0, cut, 3, 7], [cut, count, 3, 8]].filter { $0[0] < $0[1] })
        }
        let blocks: [UInt32] = [4, 4, 5, 9, 9, 9]
        let runs = blocks.withUnsafeBufferPointer { pointer in
            pointer.baseAddress.map { AggregateRows(count: 6, blocks: $0).runs.map { [$0.start, $0.end, $0.group, $0.block] } }
        }
        #expect(runs == [[0, 2, 0, 4], [2, 3, 0, 5], [3, 6, 0, 9]])
        for (ends, expected) in [
            ([], []), ([0], []), ([3], [[0, 3, 0, 7]]), ([0, 0, 5, 5, 6], [[0, 5, 0, 9], [5, 6, 0, 11]]), ([2, 4, 4], [[0, 2, 0, 7], [2, 4, 0, 8]]),
        ] {
            let rows = AggregateRows(count: ends.last ?? 0, block: 7, ends: ends)
            #expect(rows.runs.map { [$0.start, $0.end, $0.group, $0.block] } == expected)
            #expect(rows.isOneGroup && rows.mostClosed == expected.count)
        }
    }

    @Test("sums of doubles add up block by block, in order", arguments: shapes)
    func doubles(groupCount: Int, length: Int) throws {
        for isPartial in [false, true] {
            var generator = Generator(seed: 5)
            let state: any AggregateState = BlockSumState(averages: false)
            let part = isPartial ? try #require(state.makePartial()) : state
            part.grow(to: groupCount)
            var totals = [Double](repeating: 0, count: groupCount)
            var open = [(block: Int, sum: Double)?](repeating: nil, count: groupCount)
            for rows in batches(groupCount: groupCount, length: length, &generator) {
                let values = rows.groups.map { _ in Double(Int64(generator.next() % 2_000_001) - 1_000_000) / 997 }
                let builder = ColumnBuilder(type: .double)
                for value in values { builder.append(value) }
                try update(part, builder.finish(), rows)
                for (row, group) in rows.groups.enumerated() {
                    let block = rows.block(of: row)
                    if open[Int(group)]?.block != block {
                        totals[Int(group)] += open[Int(group)]?.sum ?? 0
                        open[Int(group)] = (block, 0)
                    }
                    open[Int(group)]?.sum += values[row]
                }
            }
            if isPartial {
                state.grow(to: groupCount)
                try state.merge(part, groups: (0..<UInt32(groupCount)).map { $0 })
            }
            let found = try state.finish()
            for group in 0..<groupCount {
                let expected: Value = open[group].map { .double(totals[group] + $0.sum) } ?? .null
                #expect(found.value(at: group) == expected)
            }
        }
    }

    @Test("sums of whole numbers are exact, small or not, and rows are counted", arguments: shapes)
    func integers(groupCount: Int, length: Int) throws {
        for bits in [10, 51, 52, 63, 64, 100] {
            var generator = Generator(seed: UInt64(bits))
            let wide = WideSumState(argument: .hugeint, result: .hugeint, averages: false)
            let narrow = ExactSumState(argument: .bigint, result: .hugeint, averages: false)
            let unsigned = ExactSumState(argument: .ubigint, result: .hugeint, averages: false)
            let count = try FunctionRegistry.shared.resolveAggregate("count_star", []).overload.makeState(
                ResolvedSignature(arguments: [], result: .bigint, cost: 0), [])
            var expected = [Int128](repeating: 0, count: groupCount)
            var magnitudes = expected
            var counts = [Int64](repeating: 0, count: groupCount)
            for state in [wide, narrow, unsigned, count] as [any AggregateState] { state.grow(to: groupCount) }
            for rows in batches(groupCount: groupCount, length: length, &generator) {
                let values = rows.groups.map { _ -> Int128 in
                    let magnitude = (Int128(generator.next()) << 66 | Int128(generator.next()) << 33 | Int128(generator.next() & 0x1_FFFF_FFFF)) & (1 << Int128(bits) - 1)
                    return generator.next() % 2 == 0 ? magnitude : -magnitude - 1
                }
                let builders = [DataType.hugeint, .bigint, .ubigint].map { ColumnBuilder(type: $0) }
                for value in values {
                    builders[0].append(value: .integer(value))
                    builders[1].append(value: .integer(bits > 63 ? 1 : value))
                    builders[2].append(value: .integer(bits > 64 ? 1 : max(value, -1 - value)))
                }
                try update(wide, builders[0].finish(), rows)
                try update(narrow, builders[1].finish(), rows)
                try update(unsigned, builders[2].finish(), rows)
                try update(count, nil, rows)
                for (row, group) in rows.groups.enumerated() {
                    expected[Int(group)] += values[row]
                    magnitudes[Int(group)] += bits > 64 ? 1 : max(values[row], -1 - values[row])
                    counts[Int(group)] += 1
                }
            }
            let (sums, whole, positive, numbers) = (try wide.finish(), try narrow.finish(), try unsigned.finish(), try count.finish())
            for group in 0..<groupCount {
                #expect(numbers.value(at: group) == .integer(Int128(counts[group])))
                if counts[group] == 0 { continue }
                #expect(sums.value(at: group) == .integer(expected[group]), "\(bits) bits")
                #expect(whole.value(at: group) == .integer(bits > 63 ? Int128(counts[group]) : expected[group]), "\(bits) bits")
                #expect(positive.value(at: group) == .integer(magnitudes[group]), "\(bits) bits")
            }
        }
    }

    @Test("first and last take the first and the last row, NULL or not", arguments: [DataType.tinyint, .smallint, .integer, .double, .hugeint, .interval])
    func places(type: DataType) throws {
        for (groupCount, length) in FewGroupTests.shapes {
            for isLast in [false, true] {
                var generator = Generator(seed: 11)
                let state: any AggregateState = PlaceState(isLast: isLast, type: type)
                state.grow(to: groupCount)
                var expected = [Value?](repeating: nil, count: groupCount)
                for (index, rows) in batches(groupCount: groupCount, length: length, &generator).enumerated() {
                    let builder = ColumnBuilder(type: type)
                    for _ in rows.groups {
                        let number = Int(generator.next() % 100)
                        if number < 20, index % 2 == 0 {
                            builder.appendNull()
                        } else {
                            builder.append(value: type == .double ? .double(Double(number)) : type == .interval ? .interval(Interval(days: Int32(number))) : .integer(Int128(number)))
                        }
                    }
                    let vector = builder.finish()
                    for (row, group) in rows.groups.enumerated() where isLast || expected[Int(group)] == nil { expected[Int(group)] = vector.value(at: row) }
                    // Every other batch comes as a part of its own.
                    guard index % 2 == 1, let part = state.makePartial() else {
                        try update(state, vector, rows)
                        continue
                    }
                    part.grow(to: groupCount)
                    try update(part, vector, rows)
                    try state.merge(part, groups: (0..<UInt32(groupCount)).map { $0 })
                }
                let found = try state.finish()
                for group in 0..<groupCount { #expect(found.value(at: group) == expected[group] ?? .null) }
            }
        }
    }

    @Test("extremes of short runs equal the walk over all rows", arguments: [1, 2, 5, 31, 40])
    func extremes(length: Int) throws {
        let specials: [Double] = [.nan, 0.0, -0.0, .infinity, -.infinity]
        let kernel = try #require(ChoiceKernel.of(.float64))
        for share in [0, 3, 50] {
            for wantsLess in [true, false] {
                var generator = Generator(seed: UInt64(share + length))
                let state = ExtremeState(type: .double, wantsLess: wantsLess, kernel: kernel)
                var best = [Double?](repeating: nil, count: 60)
                state.grow(to: 60)
                for rows in batches(groupCount: 60, length: length, &generator) {
                    let values = rows.groups.map { _ in
                        Int(generator.next() % 100) < share ? specials[Int(generator.next() % 5)] : Double(Int64(generator.next() % 41) - 20)
                    }
                    let builder = ColumnBuilder(type: .double)
                    for value in values { builder.append(value) }
                    try update(state, builder.finish(), rows)
                    for (value, group) in zip(values, rows.groups) {
                        guard let known = best[Int(group)] else {
                            best[Int(group)] = value
                            continue
                        }
                        let isLess = { (a: Double, b: Double) in a < b || (b.isNaN && !a.isNaN) }
                        if wantsLess ? isLess(value, known) : isLess(known, value) { best[Int(group)] = value }
                    }
                }
                let found = try state.finish()
                for group in 0..<60 {
                    guard let expected = best[group] else { continue }
                    let value = withExtendedLifetime(found) { found.values(Double.self)[group] }
                    #expect(value.bitPattern == expected.bitPattern || value.isNaN && expected.isNaN)
                }
            }
        }
    }
}

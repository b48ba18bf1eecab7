import Testing
import ZLColumnar

@testable import ZLFunctions

/// States fed with groups that follow each other against the same states fed row by row.
@Suite("Groups that follow each other")
struct GroupStepsTests {
    private struct Generator {
        var seed: UInt64
        mutating func next(below limit: Int) -> Int {
            seed = seed &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            return Int(seed >> 33) % limit
        }
    }

    /// Where the groups of some rows begin, of lengths from 1 to `longest`.
    private func starts(count: Int, longest: Int, _ generator: inout Generator) -> [UInt32] {
        var starts: [UInt32] = []
        var row = 0
        while row < count {
            starts.append(UInt32(row))
            row += 1 + generator.next(below: longest)
        }
        return starts
    }

    private func vector(_ type: DataType, count: Int, hasNulls: Bool, hasExtremes: Bool, _ generator: inout Generator) -> ColumnVector {
        let builder = ColumnBuilder(type: type)
        for _ in 0..<count {
            let number = generator.next(below: 7) - 3
            if hasNulls, generator.next(below: 5) == 0 {
                builder.append(value: .null)
            } else if type == .double {
                let specials = [0.0, -0.0, .infinity, -.infinity, hasExtremes ? .nan : 1e300]
                builder.append(value: .double(generator.next(below: 3) == 0 ? specials[generator.next(below: 5)] : Double(number) / 3))
            } else {
                // why: beyond 2^51 a sum needs more than 64 bits on the way
                builder.append(value: .integer(type == .bigint && hasExtremes ? Int128(number) << 60 : Int128(number)))
            }
        }
        return builder.finish()
    }

    private func states(of type: DataType) throws -> [() -> any AggregateState] {
        let kernel = try #require(ChoiceKernel.of(type.physical))
        var made: [() -> any AggregateState] = [
            { ExtremeState(type: type, wantsLess: true, kernel: kernel) }, { ExtremeState(type: type, wantsLess: false, kernel: kernel) },
            { PlaceState(isLast: false, type: type) }, { PlaceState(isLast: true, type: type) },
        ]
        if type == .double {
            made.append { BlockSumState(averages: false) }
        } else if type != .smallint {
            made.append { ExactSumState(argument: type, result: .hugeint, averages: false) }
            made.append { ExactSumState(argument: type, result: .double, averages: true) }
        }
        return made
    }

    private func bits(_ value: Value) -> String {
        if case .double(let number) = value { return number.isNaN ? "nan" : "\(number.bitPattern)" }
        return "\(value)"
    }

    @Test("give what rows one by one give", arguments: [DataType.double, .bigint, .integer, .smallint])
    func equalNaive(type: DataType) throws {
        for (longest, hasNulls, hasExtremes) in [(1, false, false), (3, false, true), (9, false, false), (9, true, false), (60, false, false), (700, false, true)] {
            for make in try states(of: type) {
                var generator = Generator(seed: UInt64(longest))
                let (fast, slow) = (make(), make())
                var groupCount = 0
                for batch in 0..<6 {
                    let count = [1, 7, 64, 300, 2048, 9][batch]
                    let border = [1, 3, 0, 150, 2048, 9][batch]
                    let values = vector(type, count: count, hasNulls: hasNulls, hasExtremes: hasExtremes, &generator)
                    let starts = starts(count: count, longest: longest, &generator)
                    let isBegun = batch > 0 && generator.next(below: 2) == 0
                    // why: starts may be counted from a row before these
                    let shifted = starts.map { $0 + 5 }
                    let first = isBegun ? groupCount - 1 : groupCount
                    let steps = GroupSteps(shifted, count: starts.count, rowCount: count, firstGroup: first, isBegun: isBegun)
                    groupCount = first + starts.count
                    fast.grow(to: groupCount)
                    try fast.update([values], AggregateRows(steps, count: count, block: 2 * batch, border: border))
                    slow.grow(to: groupCount)
                    var group = first
                    for row in 0..<count {
                        if row > 0, starts.contains(UInt32(row)) { group += 1 }
                        let rows = AggregateRows(count: 1, block: 2 * batch + (row < border ? 0 : 1), border: 1, group: group)
                        try slow.update([values.slice(row..<row + 1)], rows)
                    }
                }
                let (found, expected) = (try fast.finish(), try slow.finish())
                let isEqual = (0..<groupCount).allSatisfy { bits(found.value(at: $0)) == bits(expected.value(at: $0)) }
                #expect(found.count == groupCount && isEqual, "\(type), longest \(longest), NULLs \(hasNulls)")
            }
        }
    }

    @Test("name the group and the block of each row", arguments: [1, 4, 30, 5000])
    func rows(longest: Int) {
        var generator = Generator(seed: 2)
        for (count, border) in [(1, 1), (6, 2), (6, 0), (300, 300), (300, 150), (2048, 1024)] {
            let starts = starts(count: count, longest: longest, &generator)
            let groups = (0..<count).map { row in UInt32(6 + starts.count { Int($0) <= row }) }
            let steps = GroupSteps(starts, count: starts.count, rowCount: count, firstGroup: 7, isBegun: false)
            let made = AggregateRows(steps, count: count, block: 3, border: border)
            let numbers = made.groupOfEachRow()
            #expect((0..<count).map { numbers.values(UInt32.self)[$0] } == groups)
            for run in made.runs {
                for row in run.start..<run.end { #expect(run.block == (row < border ? 3 : 4) && run.group == Int(groups[row])) }
            }
            let blocks = (0..<count).map { UInt32($0 / 4) }
            let many = AggregateRows(steps, count: count, blocks: blocks)
            #expect((0..<count).allSatisfy { many.block(of: $0) == $0 / 4 && many.groups?[$0] == groups[$0] })
        }
    }
}

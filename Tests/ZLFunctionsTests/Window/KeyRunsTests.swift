import Testing
import ZLColumnar

@testable import ZLFunctions

@Suite("Partitions and peers from one pass over the keys")
struct KeyRunsTests {
    /// NULL behind or before all, NaN above all numbers.
    private static func order(_ a: Double?, _ b: Double?, _ isDescending: Bool, _ nullsFirst: Bool) -> Int {
        guard let a, let b else { return a == nil && b == nil ? 0 : ((a == nil) == nullsFirst ? -1 : 1) }
        let sign = a.isNaN || b.isNaN ? (a.isNaN ? 1 : 0) - (b.isNaN ? 1 : 0) : (a < b ? -1 : (a > b ? 1 : 0))
        return isDescending ? -sign : sign
    }

    @Test("equal a comparison of every row with the one before", arguments: [0, 1, 2, 9, 1023, 1024, 1025, 3000])
    func againstNaive(_ count: Int) throws {
        var numbers = TestNumbers(seed: UInt64(count) + 31)
        for isDescending in [false, true] {
            for nullsFirst in [false, true] {
                for isSorted in [false, true] {
                    var rows: [(Double?, Double?)] = (0..<count).map { _ in
                        let key: Double? = numbers.below(4) == 0 ? nil : (numbers.below(5) == 0 ? .nan : Double(numbers.below(4)))
                        return (Double(numbers.below(5)), key)
                    }
                    func isBefore(_ a: (Double?, Double?), _ b: (Double?, Double?)) -> Bool {
                        let first = KeyRunsTests.order(a.0, b.0, false, false)
                        return first < 0 || (first == 0 && KeyRunsTests.order(a.1, b.1, isDescending, nullsFirst) < 0)
                    }
                    if isSorted { rows.sort(by: isBefore) }
                    let runs = try KeyRuns(
                        partitionBy: [WindowKey(column(rows.map(\.0)))],
                        orderBy: [WindowKey(column(rows.map(\.1)), isDescending: isDescending, nullsFirst: nullsFirst)],
                        count: count, threads: 2)
                    #expect(runs.isSorted == !zip(rows.dropFirst(), rows).contains { isBefore($0, $1) })
                    guard runs.isSorted else { continue }
                    var starts: [Int] = []
                    var groups: [Int] = []
                    for row in 0..<count {
                        let isNew = row == 0 || rows[row].0 != rows[row - 1].0
                        if isNew { starts.append(row) }
                        if isNew || isBefore(rows[row - 1], rows[row]) { groups.append(row) }
                    }
                    #expect(runs.partitions.map(\.lowerBound) == starts)
                    #expect(runs.partitions.last?.upperBound ?? 0 == count)
                    let peers = PeerGroups(runs, count: count)
                    for (index, start) in groups.enumerated() {
                        let end = index + 1 < groups.count ? groups[index + 1] : count
                        #expect((start..<end).allSatisfy { Int(peers.start[$0]) == start && Int(peers.end[$0]) == end })
                    }
                }
            }
        }
    }
}

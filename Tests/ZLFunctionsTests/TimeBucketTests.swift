import Testing
import ZLColumnar

@testable import ZLFunctions

@Suite("Time buckets")
struct TimeBucketTests {
    private static let day: Int64 = 86_400_000_000

    private func buckets(_ times: [Int64], _ width: Interval, _ type: DataType) throws -> [Int64] {
        let found = try FunctionRegistry.shared.resolveScalar("time_bucket", [.interval, type])
        let builder = ColumnBuilder(type: type)
        for time in times { builder.append(value: .ticks(time)) }
        let result = try found.overload.kernel(
            [.constant(.interval(width), type: .interval, count: times.count), builder.finish()], times.count, found.signature)
        return (0..<times.count).map { row in
            if case .ticks(let time) = result.value(at: row) { time } else { .min }
        }
    }

    /// The last multiple of the width, from 2000-01-03, that is not behind the time.
    private func naive(_ time: Int64, _ length: Int64, perDay: Int64) -> Int64 {
        let origin = Int128(10_959) * Int128(perDay)
        let offset = Int128(time) - origin
        let rest = (offset % Int128(length) + Int128(length)) % Int128(length)
        return Int64(truncatingIfNeeded: Int128(time) - rest)
    }

    @Test("equal the division of each time by itself, near the first time and far from it", arguments: [DataType.timestamp, .timestampNS, .timestampTZ])
    func equalNaive(type: DataType) throws {
        let perMicrosecond: Int64 = type == .timestampNS ? 1000 : 1
        let perDay = TimeBucketTests.day * perMicrosecond
        var seed: UInt64 = 9
        func next(below limit: Int64) -> Int64 {
            seed = seed &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            return Int64(seed >> 1) % limit
        }
        for microseconds in [1, 2, 3, 7, 1000, 300_000_000, 3_599_999_999, TimeBucketTests.day, 365 * TimeBucketTests.day, 40_000 * TimeBucketTests.day] {
            let (length, overflow) = Int64(microseconds).multipliedReportingOverflow(by: perMicrosecond)
            if overflow { continue }
            for reach in [1, length, 100 * min(length, 1 << 50), 1 << 51, 1 << 58] as [Int64] {
                for start in [0, 10_959 * perDay, 18_000 * perDay, -30_000 * perDay] as [Int64] {
                    var times = (0..<300).map { _ in start + next(below: max(1, min(reach, 1 << 59))) - reach / 2 }
                    times += times.prefix(40).flatMap { time in
                        let border = naive(time, length, perDay: perDay)
                        return [border - 1, border, border + 1]
                    }
                    let found = try buckets(times, Interval(microseconds: Int64(microseconds)), type)
                    for (time, bucket) in zip(times, found) {
                        #expect(bucket == naive(time, length, perDay: perDay), "\(time) by \(length)")
                    }
                }
            }
        }
    }

    @Test("a time that no bucket can begin before fails")
    func ends() {
        #expect(throws: ZLError.self) { try buckets([0, Int64.min], Interval(microseconds: 7), .timestamp) }
        #expect(throws: ZLError.self) { try buckets([Int64.min, 0], Interval(microseconds: 7), .timestamp) }
    }
}

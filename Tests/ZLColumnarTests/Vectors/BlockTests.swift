import CKernels
import Testing

@testable import ZLColumnar

@Suite("Blocks of memory")
struct BlockTests {
    @Test("A block holds what is wanted and its padding, and a large one is at most an eighth larger")
    func sizes() {
        var byteCount = 64
        while byteCount < 1 << 40 {
            for wanted in [byteCount - 1, byteCount, byteCount + 1, byteCount / 8 * 9 - 64, byteCount / 8 * 9 - 63] {
                let size = zl_block_size(wanted)
                #expect(size >= wanted + 64)
                if wanted > 65536 { #expect(size <= (wanted + 64) / 8 * 9 + 9) }
            }
            byteCount *= 2
        }
    }

    @Test("No two blocks in use overlap, whichever thread took or gave them")
    func disjoint() async {
        await withTaskGroup(of: Bool.self) { group in
            for task in 0..<4 {
                group.addTask {
                    var random = UInt64(task + 1)
                    var held: [(buffer: Buffer, mark: UInt8)] = []
                    var isIntact = true
                    for step in 0..<2000 {
                        random = random &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
                        if held.count == 16 {
                            let (buffer, mark) = held.remove(at: Int(random >> 60))
                            let bytes = buffer.values(UInt8.self)
                            isIntact = isIntact && (0..<buffer.byteCount).allSatisfy { bytes[$0] == mark }
                        }
                        let buffer = Buffer(byteCount: Int(random >> 48) * (step % 10 == 0 ? 4 : 1))
                        let mark = UInt8(truncatingIfNeeded: random >> 32)
                        buffer.values(UInt8.self).update(repeating: mark, count: buffer.byteCount)
                        held.append((buffer, mark))
                    }
                    return isIntact
                }
            }
            for await isIntact in group { #expect(isIntact) }
        }
    }
}

"""Measure `concordia-protocol` 0.10.0 in its own environment: a signed, stored offer over its own floor.

Run by `benchmarks/wire.py --concordia-python PATH`; prints microseconds and the ratio as JSON.
"""

from __future__ import annotations

import json
import statistics
import time


def main() -> None:
    """Alternate stretches of offers through the package and of bare signatures of the same bytes."""
    from concordia import Agent, BasicOffer
    from concordia.signing import canonical_json
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

    ratios: list[float] = []
    floors: list[float] = []
    for _ in range(60):
        buyer, seller = Agent("buyer"), Agent("seller")
        session = buyer.open_session(
            seller.identity, {"price": {"value": 100, "currency": "EUR"}}
        )
        seller.join_session(session)
        seller.accept_session()
        began = time.perf_counter()
        count = 18  # the package ends a session after 20
        for n in range(count):
            speaker = (buyer, seller)[n % 2]
            offer = BasicOffer(terms={"price": {"value": 100 + n, "currency": "EUR"}})
            speaker.send_offer(offer) if n == 0 else speaker.send_counter(offer)
        ours = (time.perf_counter() - began) / count
        data = (
            canonical_json(session.transcript[-1])
            if hasattr(session, "transcript")
            else b"x" * 600
        )
        key = Ed25519PrivateKey.generate()
        public = key.public_key()
        began = time.perf_counter()
        for _ in range(count):
            public.verify(key.sign(data), data)
        floor = (time.perf_counter() - began) / count
        ratios.append(ours / floor)
        floors.append(floor * 1e6)
    found = {"ratio": statistics.median(ratios), "floor_us": statistics.median(floors)}
    print(json.dumps(found))


if __name__ == "__main__":
    main()

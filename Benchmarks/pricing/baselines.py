"""What others need for the same: botocore's reading of a page, SQLAlchemy's ORM into the wide table of the reference.

usage: baselines.py parse PAGE.xml SECONDS
       baselines.py orm URL ROWS        URL as SQLAlchemy wants it
Prints JSON lines; rates per second of processor time, the database's own included.
"""
import datetime
import json
import random
import sys
import time


def parse(path, seconds):
    import botocore.parsers
    import botocore.session

    model = botocore.session.get_session().get_service_model("ec2")
    shape = model.operation_model("DescribeSpotPriceHistory").output_shape
    parser = botocore.parsers.create_parser("ec2")
    with open(path, "rb") as file:
        body = file.read()
    rows, start = 0, time.process_time()
    while time.process_time() - start < seconds:
        rows += len(parser.parse({"body": body, "headers": {}, "status_code": 200}, shape)["SpotPriceHistory"])
    print(json.dumps({"name": "parse_botocore", "rows_per_cpu_second": round(rows / (time.process_time() - start))}))


def ticks(process):
    with open(f"/proc/{process}/stat") as file:
        fields = file.read().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / 100


def orm(url, rows):
    from sqlalchemy import Column, DateTime, Index, Integer, Numeric, String, UniqueConstraint, create_engine, func, text
    from sqlalchemy.orm import Session, declarative_base

    base = declarative_base()

    class SpotPrice(base):
        __tablename__ = "reference_spot_prices"
        price_id = Column(Integer, primary_key=True)
        instance_type = Column(String(50), nullable=False)
        availability_zone = Column(String(50), nullable=False)
        region = Column(String(50), nullable=False)
        spot_price = Column(Numeric(12, 6), nullable=False)
        timestamp = Column(DateTime, nullable=False)
        product_description = Column(String(100))
        created_at = Column(DateTime, server_default=func.now())
        __table_args__ = (
            UniqueConstraint("instance_type", "availability_zone", "product_description", "timestamp"),
            Index("reference_by_type", "instance_type", "region", timestamp.desc()),
            Index("reference_by_time", timestamp.desc()),
        )

    chance = random.Random(7)
    now = datetime.datetime(2026, 1, 1)
    made = [dict(instance_type=f"m{pool // 20}.large", availability_zone=f"us-east-1{'abcdf'[pool % 5]}", region="us-east-1",
                 product_description=("Linux/UNIX", "Windows", "Red Hat Enterprise Linux", "SUSE Linux")[pool // 5 % 4],
                 spot_price=round(chance.uniform(0.01, 0.9), 6), timestamp=now - datetime.timedelta(seconds=6 * index))
            for index, pool in enumerate(chance.randrange(2000) for _ in range(rows))]
    engine = create_engine(url)
    base.metadata.drop_all(engine)
    base.metadata.create_all(engine)
    with engine.connect() as keeper, Session(bind=keeper) as session:
        backend = keeper.execute(text("SELECT pg_backend_pid()")).scalar()
        keeper.commit()
        wall, own, server = time.time(), time.process_time(), ticks(backend)
        for start in range(0, rows, 1000):
            session.add_all(SpotPrice(**row) for row in made[start:start + 1000])
            session.commit()
        wall, own, server = time.time() - wall, time.process_time() - own, ticks(backend) - server
    base.metadata.drop_all(engine)
    print(json.dumps({"name": "orm", "rows": rows, "rows_per_second": round(rows / wall),
                      "rows_per_cpu_second": round(rows / (own + server))}))


if __name__ == "__main__":
    if sys.argv[1] == "parse":
        parse(sys.argv[2], float(sys.argv[3]))
    else:
        orm(sys.argv[2], int(sys.argv[3]))

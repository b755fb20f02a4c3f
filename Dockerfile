# The course as an image for JupyterHub (DockerSpawner, KubeSpawner), or alone:
#   docker build -t lessons .      docker run --rm -p 8888:8888 lessons jupyter lab --ip=0.0.0.0
FROM python:3.11-slim

# no root from here on: the student owns the course's folder and nothing else
RUN useradd --create-home --uid 1000 student \
 && python -m venv /opt/lessons && mkdir /opt/course && chown -R student /opt/lessons /opt/course
USER student
ENV PATH=/opt/lessons/bin:$PATH VIRTUAL_ENV=/opt/lessons OPENBLAS_NUM_THREADS=1 PYTHONUNBUFFERED=1

WORKDIR /opt/course
COPY --chown=student . .
# the hub's own version has to be the same: docker build --build-arg JUPYTERHUB=5.3.0
ARG JUPYTERHUB=6.1.1
RUN bash binder/install.sh "jupyterhub==$JUPYTERHUB" && rm -rf ~/.cache

# a volume on /home/student keeps a student's copy of the notebooks
WORKDIR /home/student
CMD ["bash", "-c", "cp -rn /opt/course/notebooks /opt/course/README.md . && exec jupyterhub-singleuser"]
